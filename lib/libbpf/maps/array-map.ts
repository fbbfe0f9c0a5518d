/** Arrays, with or without per-CPU values. */

import type { BtfValue } from '../btf/codec.js';
import { type Codec, decode, encode, u32 } from '../codec.js';
import { Handle, refuseStrangers } from '../handle.js';
import { batches, inTurns, type Layout, setBatch } from './batches.js';
import type { BpfMap } from './bpf-map.js';
import { type Codecs, expectType, perCpu, valueCodec } from './codecs.js';

/** A view of a map of the type `array`. Its elements are all there from the beginning, zero. */
export function arrayMap<V = BtfValue>(
  map: BpfMap,
  codecs: Pick<Codecs<never, V>, 'value'> = {},
): ArrayMap<V> {
  expectType(map, 'array', ['array']);
  return new ArrayMap(map, valueCodec(map, codecs));
}

/** A view of a map of the type `percpu_array`: a value is an array, one for every possible CPU. */
export function perCpuArrayMap<V = BtfValue>(
  map: BpfMap,
  codecs: Pick<Codecs<never, V>, 'value'> = {},
): ArrayMap<V[]> {
  expectType(map, 'per-CPU array', ['percpu_array']);
  return new ArrayMap(map, perCpu(valueCodec(map, codecs)));
}

export class ArrayMap<V> extends Handle implements Iterable<V>, AsyncIterable<V> {
  readonly map: BpfMap;
  readonly #value: Codec<V>;

  /** @internal */
  constructor(map: BpfMap, value: Codec<V>) {
    super();
    this.map = map;
    this.#value = value;
  }

  get length(): number {
    return this.map.maxEntries;
  }

  /** Undefined beyond the end. */
  at(index: number): V | undefined {
    const found = this.map.native.lookup(encode(u32, index), 0);
    return found && decode(this.#value, found);
  }

  /** @throws {SluiceError} ERR_SLUICE_BPF (E2BIG) beyond the end */
  set(index: number, value: V): void {
    this.map.native.update(encode(u32, index), encode(this.#value, value), 0);
  }

  *[Symbol.iterator](): Generator<V, void> {
    for (let i = 0; i < this.length; i++) {
      const value = this.at(i);
      if (value !== undefined) yield value;
    }
  }

  /**
   * In batches, with a turn of the event loop in between. An `array` has batches since 5.6, a `percpu_array` since 5.13;
   * before, they are ERR_SLUICE_BPF with ENOTSUPP, 524.
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<V, void> {
    for await (const [, value] of inTurns(batches(this.#layout))) yield value;
  }

  /** All of it, with the indices, in batches: fewer system calls than one element after the other. */
  entries(): [number, V][] {
    return [...batches(this.#layout)].flat();
  }

  /** Sets many elements in one batch. If one can't be set, those before it are. */
  setAll(entries: readonly (readonly [index: number, value: V])[]): void {
    setBatch(this.#layout, entries);
  }

  get #layout(): Layout<number, V> {
    return { map: this.map, key: u32, value: this.#value };
  }

  static {
    refuseStrangers(ArrayMap);
  }
}
