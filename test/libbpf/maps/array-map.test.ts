/** Arrays, per-CPU arrays, and arrays as shared memory. */

import { describe, expect, it } from 'vitest';
import {
  arrayMap,
  BpfMap,
  i32,
  mapMemory,
  openObject,
  perCpuArrayMap,
  u64,
} from '../../../lib/libbpf/index.js';
import { native } from '../../../lib/native/index.js';
import { refused, since, testObject } from '../support.js';

describe('arrayMap', () => {
  it('holds zeros at first, and nothing beyond its end', () => {
    using map = BpfMap.create({ type: 'array', keySize: 4, valueSize: 8, maxEntries: 3 });
    const view = arrayMap(map, { value: u64 });
    expect([...view]).toEqual([0n, 0n, 0n]);
    view.set(2, 5n);
    expect(view.at(2)).toBe(5n);
    expect(view.at(3)).toBeUndefined();
    expect(view.length).toBe(3);
    expect(refused(() => view.set(3, 1n))).toMatchObject({ code: 'ERR_SLUICE_BPF', errno: 7 });
  });

  it('can be frozen', () => {
    using map = BpfMap.create({ type: 'array', keySize: 4, valueSize: 8, maxEntries: 1 });
    map.freeze();
    expect(refused(() => arrayMap(map, { value: u64 }).set(0, 1n))).toMatchObject({
      code: 'ERR_SLUICE_BPF',
      errno: 1,
    });
  });

  it('is read and set in batches, and iterated asynchronously', async () => {
    using map = BpfMap.create({ type: 'array', keySize: 4, valueSize: 8, maxEntries: 1000 });
    const view = arrayMap(map, { value: u64 });
    const expected = Array.from({ length: 1000 }, (_, i) => BigInt(i) << 40n);
    view.setAll(expected.map((value, i) => [i, value]));
    expect([...view]).toEqual(expected);
    expect(view.entries()).toEqual(expected.map((value, i) => [i, value]));
    const seen: bigint[] = [];
    let turns = 0;
    const counting = setInterval(() => turns++, 0);
    for await (const value of view) {
      seen.push(value);
      // As long as a timer takes: it fires between two batches.
      for (const end = performance.now() + 0.02; performance.now() < end; );
    }
    clearInterval(counting);
    expect(seen).toEqual(expected);
    expect(turns).toBeGreaterThan(0);
    view.setAll([]);
    view.setAll([
      [7, 1n],
      [3, 2n],
    ]);
    expect([view.at(7), view.at(3), view.at(4)]).toEqual([1n, 2n, 4n << 40n]);
  });

  it('refuses a batch with an index beyond its end, and sets what is before it', () => {
    using map = BpfMap.create({ type: 'array', keySize: 4, valueSize: 8, maxEntries: 2 });
    const view = arrayMap(map, { value: u64 });
    const entries = [0, 2, 1].map((index): [number, bigint] => [index, 5n]);
    expect(refused(() => view.setAll(entries))).toMatchObject({ code: 'ERR_SLUICE_BPF', errno: 7 });
    expect(view.entries()).toEqual([
      [0, 5n],
      [1, 0n],
    ]);
    expect(refused(() => view.setAll([[-1, 5n]])).code).toBe('ERR_SLUICE_VALUE');
  });
});

describe('perCpuArrayMap', () => {
  it('shows what a program counted on each CPU', () => {
    using loaded = openObject(testObject('core')).load();
    const runs = perCpuArrayMap<number>(loaded.map('runs'));
    for (let i = 0; i < 5; i++) loaded.program('sample').run({ context: new Uint8Array(8) });
    expect(runs.at(1)?.reduce((a, b) => a + b)).toBe(5);
    expect(runs.at(0)?.reduce((a, b) => a + b)).toBe(0);
  });

  it('takes a codec that is an instance of a class', () => {
    class Celsius {
      readonly size = 4;
      read(from: DataView, at: number): string {
        return `${this.number.read(from, at)} °C`;
      }
      write(to: DataView, at: number, value: string): void {
        this.number.write(to, at, Number.parseInt(value, 10));
      }
      private readonly number = i32;
    }
    using map = BpfMap.create({ type: 'percpu_array', keySize: 4, valueSize: 4, maxEntries: 1 });
    const view = perCpuArrayMap(map, { value: new Celsius() });
    const values = Array.from({ length: native.possibleCpus() }, (_, cpu) => `${-cpu} °C`);
    view.set(0, values);
    expect(view.at(0)).toEqual(values);
  });

  it('is read and set in batches (5.13)', async () => {
    using map = BpfMap.create({ type: 'percpu_array', keySize: 4, valueSize: 4, maxEntries: 300 });
    const view = perCpuArrayMap(map, { value: i32 });
    const values = (index: number) => Array.from({ length: native.possibleCpus() }, (_, cpu) => index - cpu);
    const expected = Array.from({ length: 300 }, (_, i): [number, number[]] => [i, values(i)]);
    if (!since(5, 13)) {
      expect(refused(() => view.setAll(expected))).toMatchObject({ code: 'ERR_SLUICE_BPF', errno: 524 });
      return;
    }
    view.setAll(expected);
    expect(view.entries()).toEqual(expected);
    const seen: number[][] = [];
    for await (const value of view) seen.push(value);
    expect(seen).toEqual(expected.map(([, value]) => value));
  });
});

describe('mapMemory', () => {
  it('is shared with programs', () => {
    using loaded = openObject(testObject('core')).load();
    const cells = new BigUint64Array(mapMemory(loaded.map('shared')));
    expect(cells).toHaveLength(8);
    cells[1] = 100n;
    const context = new Uint8Array(BigUint64Array.of(11n).buffer);
    loaded.program('sample').run({ context });
    expect(cells[1]).toBe(111n);
    expect(arrayMap(loaded.map('shared')).at(1)).toBe(111n);
  });

  it('stays when the map is closed', () => {
    const loaded = openObject(testObject('core')).load();
    const cells = new BigUint64Array(mapMemory(loaded.map('shared')));
    loaded.close();
    cells.fill(7n);
    expect(cells[7]).toBe(7n);
  });

  it('is refused for arrays that are not made for it', () => {
    using map = BpfMap.create({ type: 'array', keySize: 4, valueSize: 8, maxEntries: 1 });
    expect(refused(() => mapMemory(map)).code).toBe('ERR_SLUICE_BPF');
    using hash = BpfMap.create({ type: 'hash', keySize: 4, valueSize: 8, maxEntries: 1 });
    expect(refused(() => mapMemory(hash)).code).toBe('ERR_SLUICE_OPTION');
  });
});
