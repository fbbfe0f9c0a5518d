import { RunningChecksums } from '../../checksum/running-checksums.js';
import type { Checksums } from '../../engine/checksums.js';
import { type Difference, differenceOf } from '../../files/xattr/compare.js';

/** Holds the bytes of a file, as they pass, against the values that were stored for it. */
export class ReadCheck {
  readonly #expected: Checksums;
  readonly #running: RunningChecksums;

  constructor(stored: Checksums) {
    this.#expected = stored;
    this.#running = new RunningChecksums(stored.keys());
  }

  update(bytes: Uint8Array): void {
    this.#running.update(bytes);
  }

  /** Undefined if the bytes given are those that were stored. */
  finish(): Difference | undefined {
    return differenceOf(this.#expected, this.#running.checksums);
  }
}
