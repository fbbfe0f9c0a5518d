/** Descriptors are given back: on close, on refusal, and when a link is closed. */

import { readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import {
  attachRawTracepoint,
  BpfMap,
  enableStatistics,
  openObject,
  perfBuffer,
  ringBuffer,
} from '../../../lib/libbpf/index.js';
import { expectRefusal, refused, testObject } from '../support.js';

function descriptors(): number {
  return readdirSync('/proc/self/fd').length;
}

/** Runs once to warm up, and then must not hold on to a descriptor. */
async function leaksNothing(act: () => unknown): Promise<void> {
  await act();
  const before = descriptors();
  for (let i = 0; i < 5; i++) await act();
  expect(descriptors()).toBe(before);
}

it('no descriptor is kept by objects, programs and maps that are closed', async () => {
  await leaksNothing(() => {
    using loaded = openObject(testObject('core')).load();
    loaded.map('points');
    loaded.program('produce').run({ context: new Uint8Array(16) });
    using _map = BpfMap.create({ type: 'hash', keySize: 4, valueSize: 4, maxEntries: 1 });
    using _again = BpfMap.fromId(loaded.map('runs').id);
    using _statistics = enableStatistics();
  });
});

it('no descriptor is kept by a load that is refused', async () => {
  await leaksNothing(() => refused(() => openObject(testObject('refused')).load()));
});

it('no descriptor is kept by links, attached or refused', async () => {
  await leaksNothing(() => {
    using loaded = openObject(testObject('core')).load();
    using _link = attachRawTracepoint(loaded.program('sample'), 'sched_process_exit');
    expectRefusal(() => attachRawTracepoint(loaded.program('sample'), 'no_such_tracepoint'));
  });
});

it('no descriptor is kept by buffers, read from or waited for', async () => {
  await leaksNothing(async () => {
    using loaded = openObject(testObject('core')).load();
    const ring = ringBuffer(loaded.map('records'));
    const waiting = ring.next();
    await using _buffer = perfBuffer(loaded.map('samples'));
    await new Promise((resolve) => setImmediate(resolve));
    ring.close();
    expect(await waiting).toEqual({ done: true, value: undefined });
  });
});
