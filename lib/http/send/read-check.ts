import { type Checksum, checksumsOf, createChecksum } from '../../checksum/create-checksum.js';
import type { Checksums } from '../../engine/checksums.js';
import { type Difference, differenceOf } from '../../files/xattr/compare.js';

/** Holds the bytes of a file, as they pass, against the values that were stored for it. */
export class ReadCheck {
  readonly #expected: Checksums;
  readonly #running: readonly Checksum[];

  constructor(stored: Checksums) {
    this.#expected = stored;
    this.#running = stored.keys().map(createChecksum);
  }

  update(bytes: Uint8Array): void {
    for (const each of this.#running) each.update(bytes);
  }

  /** Undefined if the bytes given are those that were stored. */
  finish(): Difference | undefined {
    return differenceOf(this.#expected, checksumsOf(this.#running));
  }
}
