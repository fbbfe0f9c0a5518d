import { Transform, type TransformCallback, type TransformOptions } from 'node:stream';
import type { AlgorithmName } from '../engine/algorithms.js';
import type { Checksums } from '../engine/checksums.js';
import { byteCount, checkAlgorithms, rejectUnknown } from './options.js';
import { RunningChecksums } from './running-checksums.js';

export interface ChecksumStreamOptions {
  /** Computed together. Default: `['adler32']`. */
  algorithms?: readonly AlgorithmName[];
  /** Of the stream itself. */
  highWaterMark?: number;
}

/** A Transform that passes bytes through and sums them on the way. After `finish` the values are those of all bytes. */
export class ChecksumStream extends Transform {
  readonly #running: RunningChecksums;

  constructor(options: ChecksumStreamOptions = {}) {
    rejectUnknown(options, new Set(['algorithms', 'highWaterMark']));
    const { highWaterMark } = options;
    const algorithms = checkAlgorithms(options.algorithms);
    const base: TransformOptions =
      highWaterMark === undefined ? {} : { highWaterMark: byteCount('highWaterMark', highWaterMark) };
    super(base);
    this.#running = new RunningChecksums(algorithms);
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#running.update(chunk);
    done(null, chunk);
  }

  /** Bytes that passed so far. */
  get bytes(): number {
    return this.#running.bytes;
  }

  /** Those of the bytes that passed so far. */
  get checksums(): Checksums {
    return this.#running.checksums;
  }
}
