/** Global variables, by name and by the type that BTF gives them. */

import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BpfMap, type LoadedObject, openObject, u64 } from '../../lib/libbpf/index.js';
import { bpfFileSystem, refused, testObject } from './support.js';

const core = testObject('core');

const point = {
  x: -2,
  y: 2n ** 63n,
  name: 'pipe',
  word: 0x01020304,
  low: 5,
  middle: -100,
  high: 0x3ffff,
  on: true,
  color: 7,
};

describe('variables', () => {
  it('start with what the source says', () => {
    using opened = openObject(core);
    expect(opened.variable('answer').get()).toBe(42n);
    expect(opened.variable('started').get()).toBe(5);
    expect(opened.variable('tiny').get()).toBe(-3);
    expect(opened.variable('greeting').get()).toBe('hello');
    expect(opened.variable('answer').section).toBe('.rodata');
    expect(opened.variable('started').section).toBe('.data');
    expect(opened.variable('counter').section).toBe('.bss');
    expect(opened.variable('lost').section).toBe('.data.lost');
  });

  it('keep what is set before the load, .rodata included', () => {
    const opened = openObject(core);
    opened.variable('answer').set(43n);
    opened.variable('origin').set(point);
    opened.variable('greeting').set('grüß dich');
    using loaded = opened.load();
    expect(loaded.variable('answer').get()).toBe(43n);
    expect(loaded.variable('origin').get()).toEqual({ ...point, octets: Buffer.from([4, 3, 2, 1]) });
    expect(loaded.variable('greeting').get()).toBe('grüß dich');
  });

  it("are the kernel's own memory after the load", () => {
    using loaded = openObject(core).load();
    const counter = loaded.variable('counter', u64);
    loaded.program('produce').run({ context: new Uint8Array(16) });
    expect(counter.get()).toBe(1n);
    counter.set(100n);
    loaded.program('produce').run({ context: new Uint8Array(16) });
    expect(counter.get()).toBe(101n);
  });

  it('in .rodata are constants after the load', () => {
    using loaded = openObject(core).load();
    expect(refused(() => loaded.variable('answer').set(1n))).toMatchObject({
      code: 'ERR_SLUICE_BPF',
      errno: 1,
    });
  });

  it('refuse values and codecs that do not fit', () => {
    using opened = openObject(core);
    expect(refused(() => opened.variable('started', u64)).code).toBe('ERR_SLUICE_VALUE');
    expect(refused(() => opened.variable('answer').set('forty-two')).code).toBe('ERR_SLUICE_VALUE');
    expect(refused(() => opened.variable('greeting').set('longer than sixteen bytes')).code).toBe(
      'ERR_SLUICE_VALUE',
    );
    const error = refused(() => opened.variable('place').set({ x: 1, z: 2 }));
    expect(error.message).toContain('A struct point has no member "z"');
    expect(refused(() => opened.variable('place').set(5)).code).toBe('ERR_SLUICE_VALUE');
  });

  it('are there whatever the object is called', () => {
    for (const name of ['core', 'my.core', 'a.name.that.is.longer', '.', 'x.bss']) {
      using loaded = openObject(core, { name }).load();
      loaded.program('produce').run({ context: new Uint8Array(16) });
      expect(loaded.variable('counter').get()).toBe(1n);
      expect(loaded.variable('answer').get()).toBe(42n);
      expect(loaded.variable('lost').get()).toBe(0n);
    }
  });
});

describe('variables of a map that exists already', () => {
  const run = (loaded: LoadedObject) => loaded.program('produce').run({ context: new Uint8Array(16) });

  it('are its memory, from when it is reused', () => {
    using first = openObject(core).load();
    first.variable('counter').set(10n);
    const opened = openObject(core);
    opened.map('core.bss').reuse(first.map('core.bss'));
    opened.map('core.rodata').reuse(first.map('core.rodata'));
    expect(opened.variable('counter').get()).toBe(10n);
    opened.variable('counter').set(20n);
    expect(refused(() => opened.variable('answer').set(43n))).toMatchObject({
      code: 'ERR_SLUICE_BPF',
      errno: 1,
    });
    using second = opened.load();
    expect(second.variable('counter').get()).toBe(20n);
    run(first);
    run(second);
    expect(first.variable('counter').get()).toBe(22n);
    expect(second.variable('counter').get()).toBe(22n);
    expect(second.variable('answer').get()).toBe(42n);
    second.variable('counter').set(5n);
    expect(first.variable('counter').get()).toBe(5n);
  });

  it('are its memory where it was pinned', () => {
    const load = (path: string) => {
      const opened = openObject(core);
      opened.map('core.bss').setPinPath(path);
      return opened.load();
    };
    const folder = bpfFileSystem();
    using first = load(join(folder, 'bss'));
    run(first);
    using second = load(join(folder, 'bss'));
    expect(second.variable('counter').get()).toBe(1n);
    second.variable('counter').set(7n);
    run(first);
    expect(second.variable('counter').get()).toBe(8n);
  });

  it('are refused where its memory is not shared, and so is a map of another size', () => {
    const opened = openObject(core);
    const { keySize, valueSize } = opened.map('core.bss');
    using unshared = BpfMap.create({ type: 'array', keySize, valueSize, maxEntries: 1 });
    opened.map('core.bss').reuse(unshared);
    const notMapped = { code: 'ERR_SLUICE_BPF', errno: 95 };
    expect(refused(() => opened.variable('counter').get())).toMatchObject(notMapped);
    using loaded = opened.load();
    run(loaded);
    expect(refused(() => loaded.variable('counter').get())).toMatchObject(notMapped);
    expect(refused(() => loaded.variable('counter').set(1n))).toMatchObject(notMapped);
    expect(loaded.variable('started').get()).toBe(5);

    using larger = BpfMap.create({
      type: 'array',
      keySize,
      valueSize: 64 * 1024,
      maxEntries: 1,
      flags: 1 << 10,
    });
    using other = openObject(core);
    expect(refused(() => other.map('core.bss').reuse(larger))).toMatchObject({
      code: 'ERR_SLUICE_BPF',
      errno: 22,
    });
  });
});
