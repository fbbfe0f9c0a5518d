import { type Checksum, createChecksum } from '../../checksum/create-checksum.js';
import type { AlgorithmName } from '../../engine/algorithms.js';
import { type Difference, differenceOf } from '../../files/xattr/compare.js';

/** Holds the bytes of a file, as they pass, against the values that were stored for it. */
export class Verification {
  readonly #expected: ReadonlyMap<AlgorithmName, bigint>;
  readonly #checksums: ReadonlyMap<AlgorithmName, Checksum>;

  constructor(stored: Readonly<Partial<Record<AlgorithmName, bigint>>>) {
    this.#expected = new Map(Object.entries(stored) as [AlgorithmName, bigint][]);
    this.#checksums = new Map([...this.#expected.keys()].map((name) => [name, createChecksum(name)]));
  }

  update(bytes: Uint8Array): void {
    for (const checksum of this.#checksums.values()) checksum.update(bytes);
  }

  /** Undefined if the bytes given are those that were stored. */
  finish(): Difference | undefined {
    return differenceOf(this.#expected, (name) => (this.#checksums.get(name) as Checksum).digest());
  }
}
