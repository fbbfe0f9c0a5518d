/** All digests of one body: those that its message states, to be compared, and those that are wanted besides. */

import { checkDigestAlgorithms, type DigestAlgorithm, type DigestValues } from '../fields/algorithms.js';
import { checkStatedDigests } from '../fields/check.js';
import { malformed } from '../fields/family.js';
import { parseStatedDigests, statedAlgorithms } from '../fields/stated.js';
import type { Fields } from '../fields/value.js';
import { BodySums } from './body-sums.js';

export class BodyDigests {
  readonly #headers: Fields;
  readonly #sums: BodySums;

  /**
   * Throws ERR_SLUICE_FIELD if the headers state digests that can't be understood, and ERR_SLUICE_ALGORITHM.
   *
   * @param algorithms computed whatever is stated
   */
  constructor(headers: Fields, algorithms: readonly DigestAlgorithm[]) {
    checkDigestAlgorithms(algorithms);
    this.#headers = headers;
    this.#sums = new BodySums([...algorithms, ...statedAlgorithms(headers)]);
  }

  update(bytes: Uint8Array): void {
    this.#sums.update(bytes);
  }

  /**
   * The values, once all of the body was given; may be called once. Throws ERR_SLUICE_MISMATCH if one of them is not
   * what was stated, ERR_SLUICE_FIELD if a trailer that nobody announced states one that was not computed, and
   * ERR_SLUICE_BODY if one that was announced does not come.
   */
  finish(trailers: Fields = {}): DigestValues {
    const values = this.#sums.values();
    const { digests } = parseStatedDigests(this.#headers, trailers);
    const unknown = digests.find(({ algorithm }) => values[algorithm] === undefined);
    if (unknown)
      throw malformed(unknown.field, `states ${unknown.algorithm} in a trailer that nobody announced`);
    checkStatedDigests(digests, values);
    return values;
  }
}
