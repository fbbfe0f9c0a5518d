/** Ring buffers: records from programs, in order over all CPUs (5.8). */

import { native } from '../../native/index.js';
import type { NativeRingBuffer } from '../../native/libbpf.js';
import { type Codec, decode } from '../codec.js';
import { handle, refuseStrangers } from '../handle.js';
import type { BpfMap } from '../maps/bpf-map.js';
import { expectType } from '../maps/codecs.js';
import { Variable } from '../variable.js';
import { cut, Reader, type ReaderOptions, readerOptions } from './reader.js';

/** How many records are taken out at a time, so that one batch does not hold the event loop for long. */
const batchSize = 1024;

export interface RingBufferOptions<T> extends ReaderOptions {
  /** How a record looks. Default: its bytes. */
  record?: Codec<T>;
  /**
   * A program learns that the ring is full when bpf_ringbuf_reserve() gives NULL or bpf_ringbuf_output() an error; the
   * kernel counts nothing. This is the 64-bit variable in which the program counts it.
   */
  lost?: Variable<bigint>;
}

/**
 * Reads a map of the type `ringbuf`. One reader per map: each record is delivered once.
 *
 * @throws {SluiceError} ERR_SLUICE_OPTION if the map is of another type
 */
export function ringBuffer(map: BpfMap, options?: RingBufferOptions<Buffer>): RingBuffer<Buffer>;
export function ringBuffer<T>(
  map: BpfMap,
  options: RingBufferOptions<T> & { record: Codec<T> },
): RingBuffer<T>;
export function ringBuffer<T>(map: BpfMap, options: RingBufferOptions<T> = {}): RingBuffer<T> {
  expectType(map, 'ring buffer', ['ringbuf']);
  const given = readerOptions<T, RingBufferOptions<T>>(options, ['signal', 'record', 'lost']);
  if (given.lost !== undefined) handle('lost', Variable, given.lost);
  return new RingBuffer(new native.RingBuffer(map.native), given);
}

export class RingBuffer<T> extends Reader<T> {
  readonly #native: NativeRingBuffer;
  readonly #lost: Variable<bigint> | undefined;
  readonly #decode: (record: Buffer) => T;

  /** @internal */
  constructor(from: NativeRingBuffer, options: RingBufferOptions<T>) {
    super(from, options.signal);
    this.#native = from;
    this.#lost = options.lost;
    const { record } = options;
    this.#decode = record ? (bytes) => decode(record, bytes) : (bytes) => bytes as T;
  }

  protected consume(): (() => T)[] {
    const { bytes, lengths } = this.#native.consume(batchSize);
    return cut(bytes, lengths).map((record) => () => this.#decode(record));
  }

  /** Bytes in the ring that were not read yet, with 8 for the header of each record. */
  get available(): number {
    return this.#native.available();
  }

  /** How many records found no room, as the program counted them; undefined without a variable for it. */
  get lost(): bigint | undefined {
    return this.#lost?.get();
  }

  static {
    refuseStrangers(RingBuffer);
  }
}
