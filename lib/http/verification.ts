import { type Checksum, createChecksum } from '../checksum/create-checksum.js';
import { type AlgorithmName, toHex } from '../engine/algorithms.js';
import { SluiceError } from '../errors.js';

/** Holds the bytes of a file, as they pass, against the values that were stored for it. */
export class Verification {
  readonly #path: string;
  readonly #expected: readonly (readonly [Checksum, bigint])[];

  constructor(path: string, stored: Readonly<Partial<Record<AlgorithmName, bigint>>>) {
    this.#path = path;
    this.#expected = (Object.entries(stored) as [AlgorithmName, bigint][]).map(([name, value]) => [
      createChecksum(name),
      value,
    ]);
  }

  update(bytes: Uint8Array): void {
    for (const [checksum] of this.#expected) checksum.update(bytes);
  }

  /** Throws ERR_SLUICE_CORRUPT, which names both values, unless the bytes given are those that were stored. */
  finish(): void {
    for (const [checksum, value] of this.#expected) {
      if (checksum.digest() === value) continue;
      const { algorithm } = checksum;
      throw new SluiceError(
        'ERR_SLUICE_CORRUPT',
        `The ${algorithm} of ${this.#path} is ${checksum.digest('hex')}, not ${toHex(algorithm, value)} as was stored for it, though nobody is known to have written to it`,
        { path: this.#path },
      );
    }
  }
}
