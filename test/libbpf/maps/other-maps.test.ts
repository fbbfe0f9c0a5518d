/** Queues, stacks, bloom filters, maps of maps; pins and ids. */

import { describe, expect, it } from 'vitest';
import {
  arrayMap,
  BpfMap,
  bloomFilter,
  hasMapType,
  mapOfMaps,
  openObject,
  queueMap,
  u32,
  u64,
} from '../../../lib/libbpf/index.js';
import { bpfFileSystem, expectRefusal, refused, testObject } from '../support.js';

const value = { value: u64 };

describe('queueMap', () => {
  it('is first in, first out', () => {
    using map = BpfMap.create({ type: 'queue', keySize: 0, valueSize: 8, maxEntries: 2 });
    const queue = queueMap(map, value);
    expect(queue.pop()).toBeUndefined();
    queue.push(1n);
    queue.push(2n);
    expect(queue.peek()).toBe(1n);
    expect(refused(() => queue.push(3n))).toMatchObject({ code: 'ERR_SLUICE_BPF', errno: 7 });
    queue.push(3n, 'drop');
    expect([queue.pop(), queue.pop(), queue.pop()]).toEqual([2n, 3n, undefined]);
  });

  it('of a stack is last in, first out', () => {
    using map = BpfMap.create({ type: 'stack', keySize: 0, valueSize: 8, maxEntries: 2 });
    const stack = queueMap(map, value);
    stack.push(1n);
    stack.push(2n);
    expect([stack.pop(), stack.pop(), stack.peek()]).toEqual([2n, 1n, undefined]);
  });
});

describe('bloomFilter', () => {
  it('knows for certain what was not added (5.16)', () => {
    const create = () =>
      BpfMap.create({ type: 'bloom_filter', keySize: 0, valueSize: 8, maxEntries: 100, extra: 3 });
    if (!hasMapType('bloom_filter')) {
      expectRefusal(create);
      return;
    }
    using map = create();
    const filter = bloomFilter(map, value);
    expect(filter.mayHave(5n)).toBe(false);
    filter.add(5n);
    expect(filter.mayHave(5n)).toBe(true);
  });
});

describe('mapOfMaps', () => {
  it('holds maps, and hands them out again', () => {
    using loaded = openObject(testObject('core')).load();
    const outer = mapOfMaps(loaded.map('maps'), { key: u32 });
    expect(outer.get(0)).toBeUndefined();
    const inner = BpfMap.create({ type: 'array', keySize: 4, valueSize: 8, maxEntries: 1 });
    arrayMap(inner, value).set(0, 9n);
    outer.set(0, inner);
    inner.close();
    using again = outer.get(0);
    expect(again && arrayMap(again, value).at(0)).toBe(9n);
    expect(outer.delete(0)).toBe(true);
    expect(outer.get(0)).toBeUndefined();
  });

  it('is created with a map like those that it will hold', () => {
    using inner = BpfMap.create({ type: 'array', keySize: 4, valueSize: 8, maxEntries: 1 });
    using map = BpfMap.create({ type: 'hash_of_maps', keySize: 4, valueSize: 4, maxEntries: 4, inner });
    const outer = mapOfMaps(map, { key: u32 });
    outer.set(7, inner);
    using again = outer.get(7);
    expect(again?.id).toBe(inner.id);
    using other = BpfMap.create({ type: 'hash', keySize: 4, valueSize: 8, maxEntries: 1 });
    expect(refused(() => outer.set(8, other))).toMatchObject({ code: 'ERR_SLUICE_BPF', errno: 22 });
  });
});

describe('BpfMap', () => {
  it('is found by its id', () => {
    using map = BpfMap.create({
      type: 'array',
      name: 'a_very_long_name_for_a_map',
      keySize: 4,
      valueSize: 8,
      maxEntries: 1,
    });
    expect(map.name).toBe('a_very_long_nam');
    arrayMap(map, value).set(0, 4n);
    using again = BpfMap.fromId(map.id);
    expect(arrayMap(again, value).at(0)).toBe(4n);
    expect(refused(() => BpfMap.fromId(0xffffffff))).toMatchObject({ code: 'ERR_SLUICE_BPF', errno: 2 });
  });

  it('can not be of an unknown type or of a wrong size', () => {
    const sizes = { keySize: 4, valueSize: 8, maxEntries: 1 };
    expect(refused(() => BpfMap.create({ type: 'hashish', ...sizes })).code).toBe('ERR_SLUICE_BPF');
    expect(refused(() => BpfMap.create({ type: 'array', ...sizes, keySize: 3 }))).toMatchObject({
      errno: 22,
    });
  });

  it('is refused after it is closed', () => {
    const map = BpfMap.create({ type: 'array', keySize: 4, valueSize: 8, maxEntries: 1 });
    map.close();
    map.close();
    expect(refused(() => arrayMap(map).at(0)).message).toContain('The map array is closed');
  });
});

describe('pins', () => {
  it('keep a map beyond its last descriptor', () => {
    const folder = bpfFileSystem();
    const map = BpfMap.create({ type: 'array', keySize: 4, valueSize: 8, maxEntries: 1 });
    const { id } = map;
    map.pin(`${folder}/map`);
    map.close();
    using again = BpfMap.openPinned(`${folder}/map`);
    expect(again.id).toBe(id);
    expect(refused(() => BpfMap.openPinned(`${folder}/nothing`))).toMatchObject({
      code: 'ERR_SLUICE_BPF',
      errno: 2,
    });
  });

  it('share a map between two objects', () => {
    const folder = bpfFileSystem();
    const load = () => {
      const opened = openObject(testObject('core'));
      opened.map('shared').setPinPath(`${folder}/shared`);
      return opened.load();
    };
    using first = load();
    using second = load();
    expect(second.map('shared').id).toBe(first.map('shared').id);
  });

  it('are refused outside of a BPF file system', () => {
    const path = '/tmp/not-in-a-bpf-file-system';
    using map = BpfMap.create({ type: 'array', keySize: 4, valueSize: 8, maxEntries: 1 });
    expect(refused(() => map.pin(path)).code).toBe('ERR_SLUICE_BPF');
    const opened = openObject(testObject('core'));
    opened.map('shared').setPinPath(path);
    expect(refused(() => opened.load()).code).toBe('ERR_SLUICE_BPF');
  });
});
