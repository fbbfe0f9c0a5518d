/** Perf buffers: samples from programs, one buffer per CPU. What kernels before 5.8 have instead of a ring buffer. */

import { native } from '../../native/index.js';
import type { NativePerfBuffer } from '../../native/libbpf.js';
import { type Codec, decode } from '../codec.js';
import { refuseStrangers } from '../handle.js';
import { unsigned32 } from '../integers.js';
import type { BpfMap } from '../maps/bpf-map.js';
import { expectType } from '../maps/codecs.js';
import { cut, Reader, type ReaderOptions, readerOptions } from './reader.js';

export interface PerfBufferOptions<T> extends ReaderOptions {
  /** How a sample looks. Default: its bytes. */
  record?: Codec<T>;
  /** Size of each CPU's buffer in pages, a power of 2. Default 8. */
  pagesPerCpu?: number;
}

/** The kernel pads samples: bytes may follow the record, up to a multiple of 8 (with its 4 bytes of length). */
export interface Sample<T> {
  cpu: number;
  record: T;
}

/** Reads a map of the type `perf_event_array`. Samples of one CPU are in order, those of several are not. */
export function perfBuffer(map: BpfMap, options?: PerfBufferOptions<Buffer>): PerfBuffer<Buffer>;
export function perfBuffer<T>(
  map: BpfMap,
  options: PerfBufferOptions<T> & { record: Codec<T> },
): PerfBuffer<T>;
export function perfBuffer<T>(map: BpfMap, options: PerfBufferOptions<T> = {}): PerfBuffer<T> {
  expectType(map, 'perf buffer', ['perf_event_array']);
  const given = readerOptions<T, PerfBufferOptions<T>>(options, ['signal', 'record', 'pagesPerCpu']);
  const pages = unsigned32('pagesPerCpu', given.pagesPerCpu ?? 8);
  return new PerfBuffer(new native.PerfBuffer(map.native, pages), given);
}

export class PerfBuffer<T> extends Reader<Sample<T>> {
  readonly #native: NativePerfBuffer;
  readonly #decode: (record: Buffer) => T;
  #lost = 0n;

  /** @internal */
  constructor(from: NativePerfBuffer, options: PerfBufferOptions<T>) {
    super(from, options.signal);
    this.#native = from;
    const { record } = options;
    this.#decode = record ? (bytes) => decode(record, bytes) : (bytes) => bytes as T;
  }

  protected consume(): (() => Sample<T>)[] {
    const { bytes, lengths, cpus, lost } = this.#native.consume();
    this.#lost = lost;
    return cut(bytes, lengths).map((record, i) => () => ({
      cpu: cpus[i] ?? -1,
      record: this.#decode(record),
    }));
  }

  /** How many samples found no room, by the kernel's count, as far as was read. */
  get lost(): bigint {
    return this.#lost;
  }

  static {
    refuseStrangers(PerfBuffer);
  }
}
