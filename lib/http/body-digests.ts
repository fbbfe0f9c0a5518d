/** All digests of one body: those that its message states, to be compared, and those that are wanted besides. */

import { createHash, type Hash } from 'node:crypto';
import { type Checksum, createChecksum } from '../checksum/create-checksum.js';
import { type AlgorithmName, algorithms as checksumNames } from '../engine/algorithms.js';
import type { DigestAlgorithm, DigestValues, HashName } from './fields/algorithms.js';
import { checkStatedDigests } from './fields/check.js';
import { parseStatedDigests, statedAlgorithms } from './fields/stated.js';
import type { Fields } from './fields/value.js';

function digester(algorithm: DigestAlgorithm): Checksum | Hash {
  return (checksumNames as readonly string[]).includes(algorithm)
    ? createChecksum(algorithm as AlgorithmName)
    : createHash(algorithm as HashName);
}

export class BodyDigests {
  readonly #headers: Fields;
  readonly #digesters: ReadonlyMap<DigestAlgorithm, Checksum | Hash>;

  /**
   * Throws ERR_SLUICE_FIELD if the headers state digests that can't be understood.
   *
   * @param algorithms computed whatever is stated
   */
  constructor(headers: Fields, algorithms: readonly DigestAlgorithm[]) {
    this.#headers = headers;
    const names = new Set([...algorithms, ...statedAlgorithms(headers)]);
    this.#digesters = new Map([...names].map((name) => [name, digester(name)]));
  }

  update(bytes: Uint8Array): void {
    for (const each of this.#digesters.values()) each.update(bytes);
  }

  /**
   * The values, once all of the body was given; may be called once. Throws ERR_SLUICE_MISMATCH if one of them is not
   * what was stated. What a trailer states without having been announced is compared if it was computed.
   */
  finish(trailers: Fields = {}): DigestValues {
    const values: DigestValues = Object.fromEntries(
      [...this.#digesters].map(([name, each]) => [name, each.digest()]),
    );
    const { digests } = parseStatedDigests(this.#headers, trailers);
    checkStatedDigests(
      digests.filter(({ algorithm }) => values[algorithm] !== undefined),
      values,
    );
    return values;
  }
}
