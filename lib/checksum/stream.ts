import { Transform, type TransformCallback, type TransformOptions } from 'node:stream';
import type { AlgorithmName } from '../engine/algorithms.js';
import type { Checksums } from '../engine/checksums.js';
import { Checksum, checksumsOf } from './create-checksum.js';
import { byteCount, checkAlgorithms, rejectUnknown } from './options.js';

export interface ChecksumStreamOptions {
  /** Computed together. Default: `['adler32']`. */
  algorithms?: readonly AlgorithmName[];
  /** Of the stream itself. */
  highWaterMark?: number;
}

/** A Transform that passes bytes through and sums them on the way. After `finish` the values are those of all bytes. */
export class ChecksumStream extends Transform {
  readonly #running: readonly Checksum[];

  constructor(options: ChecksumStreamOptions = {}) {
    rejectUnknown(options, new Set(['algorithms', 'highWaterMark']));
    const { highWaterMark } = options;
    const algorithms = checkAlgorithms(options.algorithms);
    const base: TransformOptions =
      highWaterMark === undefined ? {} : { highWaterMark: byteCount('highWaterMark', highWaterMark) };
    super(base);
    this.#running = algorithms.map((name) => new Checksum(name));
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    for (const each of this.#running) each.update(chunk);
    done(null, chunk);
  }

  /** Bytes that passed so far. */
  get bytes(): number {
    return this.#running[0]?.bytes ?? 0;
  }

  /** Those of the bytes that passed so far. */
  get checksums(): Checksums {
    return checksumsOf(this.#running);
  }
}
