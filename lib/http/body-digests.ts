/** All digests of one body: those that its message states, to be compared, and those that are wanted besides. */

import { BodySums } from './body-sums.js';
import type { DigestAlgorithm, DigestValues } from './fields/algorithms.js';
import { checkStatedDigests } from './fields/check.js';
import { parseStatedDigests, statedAlgorithms } from './fields/stated.js';
import type { Fields } from './fields/value.js';

export class BodyDigests {
  readonly #headers: Fields;
  readonly #sums: BodySums;

  /**
   * Throws ERR_SLUICE_FIELD if the headers state digests that can't be understood.
   *
   * @param algorithms computed whatever is stated
   */
  constructor(headers: Fields, algorithms: readonly DigestAlgorithm[]) {
    this.#headers = headers;
    this.#sums = new BodySums([...algorithms, ...statedAlgorithms(headers)]);
  }

  update(bytes: Uint8Array): void {
    this.#sums.update(bytes);
  }

  /**
   * The values, once all of the body was given; may be called once. Throws ERR_SLUICE_MISMATCH if one of them is not
   * what was stated. What a trailer states without having been announced is compared if it was computed.
   */
  finish(trailers: Fields = {}): DigestValues {
    const values = this.#sums.values();
    const { digests } = parseStatedDigests(this.#headers, trailers);
    checkStatedDigests(
      digests.filter(({ algorithm }) => values[algorithm] !== undefined),
      values,
    );
    return values;
  }
}
