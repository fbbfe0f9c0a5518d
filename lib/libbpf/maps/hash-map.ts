/** Hash maps, with or without per-CPU values, LRU ones, and longest-prefix-match tries. */

import { listOf, oneOf } from '../arguments.js';
import type { BtfValue } from '../btf/codec.js';
import { type Codec, decode, encode } from '../codec.js';
import { Handle, refuseStrangers } from '../handle.js';
import { batches, inTurns, type Layout, setBatch } from './batches.js';
import type { BpfMap } from './bpf-map.js';
import { type Codecs, expectType, keyCodec, perCpu, valueCodec } from './codecs.js';

const shared = ['hash', 'lru_hash', 'lpm_trie'];
const ofEachCpu = ['percpu_hash', 'lru_percpu_hash'];

/**
 * A view of a map of the type `hash`, `lru_hash` or `lpm_trie`.
 *
 * @throws {SluiceError} ERR_SLUICE_OPTION if the map is of another type, ERR_SLUICE_VALUE if a codec does not fit it
 */
export function hashMap<K = BtfValue, V = BtfValue>(map: BpfMap, codecs: Codecs<K, V> = {}): HashMap<K, V> {
  expectType(map, 'hash map', shared);
  return new HashMap(map, keyCodec(map, codecs), valueCodec(map, codecs));
}

/** A view of a map of the type `percpu_hash` or `lru_percpu_hash`: a value is an array, one for every possible CPU. */
export function perCpuHashMap<K = BtfValue, V = BtfValue>(
  map: BpfMap,
  codecs: Codecs<K, V> = {},
): HashMap<K, V[]> {
  expectType(map, 'per-CPU hash map', ofEachCpu);
  return new HashMap(map, keyCodec(map, codecs), perCpu(valueCodec(map, codecs)));
}

/** Whether `set` makes an element, changes one, or either: BPF_NOEXIST, BPF_EXIST, BPF_ANY. */
export type SetMode = 'any' | 'create' | 'replace';

const setFlags: Readonly<Record<SetMode, number>> = { any: 0, create: 1, replace: 2 };
const setModes = Object.keys(setFlags) as SetMode[];

export class HashMap<K, V> extends Handle implements Iterable<[K, V]>, AsyncIterable<[K, V]> {
  readonly map: BpfMap;
  readonly #key: Codec<K>;
  readonly #value: Codec<V>;

  /** @internal */
  constructor(map: BpfMap, key: Codec<K>, value: Codec<V>) {
    super();
    this.map = map;
    this.#key = key;
    this.#value = value;
  }

  get(key: K): V | undefined {
    const found = this.map.native.lookup(encode(this.#key, key), 0);
    return found && decode(this.#value, found);
  }

  has(key: K): boolean {
    return this.map.native.lookup(encode(this.#key, key), 0) !== undefined;
  }

  /** @throws {SluiceError} ERR_SLUICE_BPF: EEXIST or ENOENT by the mode, E2BIG if the map is full */
  set(key: K, value: V, mode: SetMode = 'any'): void {
    const flags = setFlags[oneOf('The mode', mode, setModes)];
    this.map.native.update(encode(this.#key, key), encode(this.#value, value), flags);
  }

  /** @returns whether it was there */
  delete(key: K): boolean {
    return this.map.native.delete(encode(this.#key, key));
  }

  /** Reads and deletes in one step (5.14; ERR_SLUICE_BPF with ENOTSUPP, 524, before it and of an `lpm_trie`). */
  take(key: K): V | undefined {
    const found = this.map.native.lookupAndDelete(encode(this.#key, key));
    return found && decode(this.#value, found);
  }

  /**
   * One element after the other. As programs change the map meanwhile, elements may be missed or come twice; after a
   * deletion the kernel starts again.
   */
  *[Symbol.iterator](): Generator<[K, V], void> {
    const { native } = this.map;
    for (let key = native.nextKey(undefined); key; key = native.nextKey(key)) {
      const value = native.lookup(key, 0);
      if (value) yield [decode(this.#key, key), decode(this.#value, value)];
    }
  }

  *keys(): Generator<K, void> {
    const { native } = this.map;
    for (let key = native.nextKey(undefined); key; key = native.nextKey(key)) yield decode(this.#key, key);
  }

  /** In batches (5.6), with a turn of the event loop in between. */
  [Symbol.asyncIterator](): AsyncGenerator<[K, V], void> {
    return inTurns(batches(this.#layout));
  }

  /** All of it, in batches (5.6): fewer system calls than one element after the other. */
  entries(): [K, V][] {
    return [...batches(this.#layout)].flat();
  }

  /** All of it, in batches, each taken out of the map as it is read (5.6; ENOTSUPP of an `lpm_trie`). */
  takeAll(): [K, V][] {
    return [...batches(this.#layout, true)].flat();
  }

  /** Sets many elements with one system call (5.6). If one can't be set, those before it are. */
  setAll(entries: readonly (readonly [K, V])[]): void {
    setBatch(this.#layout, entries);
  }

  /** Deletes many elements with one system call (5.6). It ends at the first that is not there. */
  deleteAll(keys: readonly K[]): number {
    const given = listOf('The keys', keys).map((key) => encode(this.#key, key));
    return given.length === 0 ? 0 : this.map.native.deleteBatch(Buffer.concat(given), given.length);
  }

  get #layout(): Layout<K, V> {
    return { map: this.map, key: this.#key, value: this.#value };
  }

  static {
    refuseStrangers(HashMap);
  }
}
