/** Events that a tracing program misses, because it is running already on this CPU. */

import { expect, it } from 'vitest';
import { attachTracing, hashMap, hasProgramType, openObject, u32, u64 } from '../../lib/libbpf/index.js';
import { refused, since, testObject } from './support.js';

it('events that a program misses are counted, each of them', () => {
  const opened = openObject(testObject('recursion'));
  if (!hasProgramType('tracing')) {
    expect(refused(() => opened.load()).code).toBe('ERR_SLUICE_BPF');
    return;
  }
  using loaded = opened.load();
  const program = loaded.program('on_delete');
  // Before 5.12 nothing keeps the program from running within itself, until the kernel's stack is full and it panics.
  if (!since(5, 12)) {
    expect(program.info().recursionMisses).toBe(0n);
    return;
  }
  using _link = attachTracing(program);
  const map = hashMap(loaded.map('watched'), { key: u32, value: u32 });
  for (let i = 0; i < 5; i++) map.delete(0);
  // Each deletion runs the program, whose own deletion is the event that it misses.
  expect(loaded.variable('runs', u64).get()).toBe(5n);
  expect(program.info().recursionMisses).toBe(5n);
});
