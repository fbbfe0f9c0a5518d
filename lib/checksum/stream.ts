import { Transform, type TransformCallback, type TransformOptions } from 'node:stream';
import type { AlgorithmName } from '../engine/algorithms.js';
import type { ChecksumValue } from './checksum.js';
import { Checksum } from './create-checksum.js';
import { byteCount, checkAlgorithms, rejectUnknown } from './options.js';

export interface ChecksumStreamOptions {
  /** Computed together. Default: `['adler32']`. */
  algorithms?: readonly AlgorithmName[];
  /** Of the stream itself. */
  highWaterMark?: number;
}

/** A Transform that passes bytes through and sums them on the way. After `finish` the values are those of all bytes. */
export class ChecksumStream extends Transform {
  readonly #checksums: readonly Checksum[];

  constructor(options: ChecksumStreamOptions = {}) {
    rejectUnknown(options, new Set(['algorithms', 'highWaterMark']));
    const { highWaterMark } = options;
    const algorithms = checkAlgorithms(options.algorithms);
    const base: TransformOptions =
      highWaterMark === undefined ? {} : { highWaterMark: byteCount('highWaterMark', highWaterMark) };
    super(base);
    this.#checksums = algorithms.map((name) => new Checksum(name));
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    for (const each of this.#checksums) each.update(chunk);
    done(null, chunk);
  }

  /** Bytes that passed so far. */
  get bytes(): number {
    return this.#checksums[0]?.bytes ?? 0;
  }

  /** The values of the bytes that passed so far, by algorithm. */
  get checksums(): Partial<Record<AlgorithmName, ChecksumValue>> {
    return Object.fromEntries(
      this.#checksums.map((each) => [each.algorithm, { value: each.digest(), hex: each.digest('hex') }]),
    );
  }
}
