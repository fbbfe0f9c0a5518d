import type { AlgorithmName } from '../engine/algorithms.js';
import { Checksums } from '../engine/checksums.js';
import { Checksum } from './create-checksum.js';

/** The checksums of bytes as they come, by several algorithms. Reduces in user space, with SIMD. */
export class RunningChecksums {
  readonly #running: readonly Checksum[];
  #bytes = 0;

  constructor(algorithms: readonly AlgorithmName[]) {
    this.#running = algorithms.map((name) => new Checksum(name));
  }

  get algorithms(): AlgorithmName[] {
    return this.#running.map(({ algorithm }) => algorithm);
  }

  update(bytes: Uint8Array): void {
    for (const each of this.#running) each.update(bytes);
    this.#bytes += bytes.byteLength;
  }

  /** Added so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Those of the bytes added so far. */
  get checksums(): Checksums {
    return new Checksums(this.#running.map((each) => [each.algorithm, each.digest()]));
  }
}
