/** Global variables, by name and by the type that BTF gives them. */

import { describe, expect, it } from 'vitest';
import { openObject, u64 } from '../../lib/libbpf/index.js';
import { refused, testObject } from './support.js';

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
  it('1 start with what the source says', () => {
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

  it('2 keep what is set before the load, .rodata included', () => {
    const opened = openObject(core);
    opened.variable('answer').set(43n);
    opened.variable('origin').set(point);
    opened.variable('greeting').set('grüß dich');
    using loaded = opened.load();
    expect(loaded.variable('answer').get()).toBe(43n);
    expect(loaded.variable('origin').get()).toEqual({ ...point, octets: Buffer.from([4, 3, 2, 1]) });
    expect(loaded.variable('greeting').get()).toBe('grüß dich');
  });

  it("3 are the kernel's own memory after the load", () => {
    using loaded = openObject(core).load();
    const counter = loaded.variable('counter', u64);
    loaded.program('produce').run({ context: new Uint8Array(16) });
    expect(counter.get()).toBe(1n);
    counter.set(100n);
    loaded.program('produce').run({ context: new Uint8Array(16) });
    expect(counter.get()).toBe(101n);
  });

  it('4 in .rodata are constants after the load', () => {
    using loaded = openObject(core).load();
    expect(refused(() => loaded.variable('answer').set(1n))).toMatchObject({
      code: 'ERR_SLUICE_BPF',
      errno: 1,
    });
  });

  it('5 refuse values and codecs that do not fit', () => {
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
});
