/** Hash maps: one element, all of them, in batches; shared, per CPU, LRU and by prefix. */

import { describe, expect, it } from 'vitest';
import { BpfMap, bytes, hashMap, openObject, perCpuHashMap, u32, u64 } from '../../../lib/libbpf/index.js';
import { native } from '../../../lib/native/index.js';
import { refused, since, testObject } from '../support.js';

const numbers = { key: u32, value: u64 };

function make(maxEntries: number, type = 'hash'): BpfMap {
  return BpfMap.create({ type, keySize: 4, valueSize: 8, maxEntries });
}

describe('hashMap', () => {
  it('sets, gets and deletes', () => {
    using map = make(10);
    const view = hashMap(map, numbers);
    expect(view.get(1)).toBeUndefined();
    view.set(1, 11n);
    expect(view.get(1)).toBe(11n);
    expect(view.has(1)).toBe(true);
    expect(view.delete(1)).toBe(true);
    expect(view.delete(1)).toBe(false);
    expect(view.has(1)).toBe(false);
  });

  it('creates only, or replaces only', () => {
    using map = make(10);
    const view = hashMap(map, numbers);
    expect(refused(() => view.set(1, 1n, 'replace'))).toMatchObject({ code: 'ERR_SLUICE_BPF', errno: 2 });
    view.set(1, 1n, 'create');
    expect(refused(() => view.set(1, 1n, 'create'))).toMatchObject({ code: 'ERR_SLUICE_BPF', errno: 17 });
    view.set(1, 2n, 'replace');
    expect(view.get(1)).toBe(2n);
  });

  it('says that it is full', () => {
    using map = make(2);
    const view = hashMap(map, numbers);
    view.set(1, 1n);
    view.set(2, 1n);
    expect(refused(() => view.set(3, 1n))).toMatchObject({ code: 'ERR_SLUICE_BPF', errno: 7 });
  });

  it('iterates one after the other, in batches, and asynchronously', async () => {
    using map = make(5000);
    const view = hashMap(map, numbers);
    const expected = Array.from({ length: 3000 }, (_, i): [number, bigint] => [i, BigInt(i) << 40n]);
    view.setAll(expected);
    const sorted = (all: [number, bigint][]) => all.sort(([a], [b]) => a - b);
    expect(sorted([...view])).toEqual(expected);
    expect([...view.keys()].sort((a, b) => a - b)).toEqual(expected.map(([key]) => key));
    expect(sorted(view.entries())).toEqual(expected);
    const seen: [number, bigint][] = [];
    for await (const entry of view) seen.push(entry);
    expect(sorted(seen)).toEqual(expected);
  });

  it('takes all, and deletes many', () => {
    using map = make(600);
    const view = hashMap(map, numbers);
    view.setAll(Array.from({ length: 500 }, (_, i) => [i, 1n] as const));
    expect(view.deleteAll([0, 1, 2])).toBe(3);
    expect(view.deleteAll([3, 1, 4])).toBe(1);
    expect(view.deleteAll([])).toBe(0);
    expect(view.takeAll()).toHaveLength(496);
    expect(view.entries()).toEqual([]);
    expect([...view]).toEqual([]);
  });

  it('takes an element in one step, or the kernel says that it can not (before 5.14)', () => {
    using map = make(4);
    const view = hashMap(map, numbers);
    view.set(1, 5n);
    if (!since(5, 14)) {
      expect(refused(() => view.take(1))).toMatchObject({ code: 'ERR_SLUICE_BPF', errno: 524 });
      return;
    }
    expect(view.take(1)).toBe(5n);
    expect(view.take(1)).toBeUndefined();
  });

  it('derives its codecs from BTF', () => {
    using loaded = openObject(testObject('core')).load();
    const points = hashMap(loaded.map('points'));
    points.set(3, { x: 1, y: 5n, name: 'a', low: 1 });
    expect(points.get(3)).toMatchObject({
      x: 1,
      y: 5n,
      name: 'a',
      word: 0,
      low: 1,
      middle: 0,
      on: false,
      color: 0,
    });
    expect(refused(() => points.set('three', {})).code).toBe('ERR_SLUICE_VALUE');
  });

  it('refuses a map of another type, and codecs of other sizes', () => {
    using array = BpfMap.create({ type: 'array', keySize: 4, valueSize: 8, maxEntries: 1 });
    expect(refused(() => hashMap(array)).message).toContain(
      "A hash map can't serve the map array, which is a array",
    );
    using map = make(1);
    expect(refused(() => hashMap(map, { key: u64, value: u64 })).code).toBe('ERR_SLUICE_VALUE');
    const { native } = map;
    const [short, key, value, long] = [3, 4, 8, 9].map((size) => new Uint8Array(size)) as [
      Uint8Array,
      ...Uint8Array[],
    ];
    for (const call of [
      () => native.update(short, value as Uint8Array, 0),
      () => native.update(key, long as Uint8Array, 0),
      () => native.lookupBatch(short, 1, false),
    ]) {
      expect(refused(call).message).toMatch(
        /^The size in bytes of the \w+ of the map hash is [48], not [39]\./,
      );
    }
  });

  it('gives bytes without BTF and codecs', () => {
    using map = make(1);
    const view = hashMap<Uint8Array, Uint8Array>(map);
    view.set(Buffer.from([1, 0, 0, 0]), Buffer.from('12345678'));
    expect([...view]).toEqual([[Buffer.from([1, 0, 0, 0]), Buffer.from('12345678')]]);
    expect(refused(() => view.set(Buffer.alloc(5), Buffer.alloc(8))).code).toBe('ERR_SLUICE_VALUE');
  });

  it('looks up the longest prefix', () => {
    using map = BpfMap.create({ type: 'lpm_trie', keySize: 8, valueSize: 4, maxEntries: 10, flags: 1 });
    const routes = hashMap(map, { key: bytes(8), value: u32 });
    const key = (prefix: number, ...address: number[]) => Buffer.from([prefix, 0, 0, 0, ...address]);
    routes.set(key(8, 10, 0, 0, 0), 1);
    routes.set(key(16, 10, 1, 0, 0), 2);
    expect(routes.get(key(32, 10, 1, 2, 3))).toBe(2);
    expect(routes.get(key(32, 10, 9, 2, 3))).toBe(1);
    expect(routes.get(key(32, 11, 0, 0, 1))).toBeUndefined();
    for (const take of [() => routes.take(key(8, 10, 0, 0, 0)), () => routes.takeAll()]) {
      expect(refused(take)).toMatchObject({ code: 'ERR_SLUICE_BPF', errno: 524 });
      expect(refused(take).message).toContain('(ENOTSUPP, operation is not supported)');
    }
    expect(routes.delete(key(8, 10, 0, 0, 0))).toBe(true);
  });

  it('forgets what was not used for long in an LRU map', () => {
    using map = make(64, 'lru_hash');
    const view = hashMap(map, numbers);
    for (let i = 0; i < 1000; i++) view.set(i, 1n);
    expect(view.entries().length).toBeLessThanOrEqual(64);
    expect(view.has(999)).toBe(true);
  });
});

describe('perCpuHashMap', () => {
  it('has a value for every possible CPU', () => {
    using map = BpfMap.create({ type: 'percpu_hash', keySize: 4, valueSize: 4, maxEntries: 4 });
    const view = perCpuHashMap(map, { key: u32, value: u32 });
    const values = Array.from({ length: native.possibleCpus() }, (_, cpu) => cpu + 1);
    view.set(1, values);
    expect(view.get(1)).toEqual(values);
    expect(view.entries()).toEqual([[1, values]]);
    expect(refused(() => view.set(1, [1, 2, 3, 4, 5, 6, 7, 8, 9].slice(0, values.length - 1))).code).toBe(
      'ERR_SLUICE_VALUE',
    );
    expect(refused(() => hashMap(map)).code).toBe('ERR_SLUICE_OPTION');
  });

  it('forgets what was not used for long in an LRU map', () => {
    using map = BpfMap.create({ type: 'lru_percpu_hash', keySize: 4, valueSize: 8, maxEntries: 64 });
    const view = perCpuHashMap(map, numbers);
    const values = (key: number) =>
      Array.from({ length: native.possibleCpus() }, (_, cpu) => BigInt(key + cpu));
    for (let i = 0; i < 1000; i++) view.set(i, values(i));
    const entries = view.entries();
    expect(entries.length).toBeLessThanOrEqual(64);
    for (const [key, value] of entries) expect(value).toEqual(values(key));
    expect(view.get(999)).toEqual(values(999));
    expect(view.delete(999)).toBe(true);
    expect(view.has(999)).toBe(false);
    expect(view.takeAll()).toHaveLength(entries.length - 1);
    expect(refused(() => hashMap(map)).code).toBe('ERR_SLUICE_OPTION');
  });
});
