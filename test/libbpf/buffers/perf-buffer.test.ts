/** Perf buffers: samples with their CPU, and the count of those that were lost. */

import { describe, expect, it } from 'vitest';
import {
  BpfMap,
  hashMap,
  type LoadedObject,
  openObject,
  perfBuffer,
  u32,
  u64,
} from '../../../lib/libbpf/index.js';
import { refused, testObject, unreadable } from '../support.js';

function sample(loaded: LoadedObject, number: bigint, cpu?: number): void {
  const context = new Uint8Array(BigUint64Array.of(number).buffer);
  loaded.program('sample').run(cpu === undefined ? { context } : { context, cpu });
}

describe('perfBuffer', () => {
  it('reads samples, and on which CPU they were taken', async () => {
    using loaded = openObject(testObject('core')).load();
    await using buffer = perfBuffer(loaded.map('samples'), { record: u64 });
    sample(loaded, 7n, 0);
    expect((await buffer.next()).value).toEqual({ cpu: 0, record: 7n });
    const next = buffer.next();
    setImmediate(() => sample(loaded, 8n, 0));
    expect((await next).value).toEqual({ cpu: 0, record: 8n });
    expect(buffer.lost).toBe(0n);
  });

  it('gives bytes without a codec, padded', async () => {
    using loaded = openObject(testObject('core')).load();
    await using buffer = perfBuffer(loaded.map('samples'));
    sample(loaded, 0x41n);
    const { value } = await buffer.next();
    expect(value?.record.length).toBeGreaterThanOrEqual(12);
    expect(value?.record.readUInt32LE(8)).toBe(3);
  });

  it('counts what found no room', async () => {
    using loaded = openObject(testObject('core')).load();
    await using buffer = perfBuffer(loaded.map('samples'), { record: u64, pagesPerCpu: 1 });
    for (let i = 0n; i < 1000n; i++) sample(loaded, i, 0);
    let read = 0n;
    while ((await buffer.next()).value?.record === read) {
      read++;
      // The count comes with the first sample that has room again.
      if (read === 100n) sample(loaded, 5000n, 0);
    }
    expect(read).toBeGreaterThan(99n);
    sample(loaded, 5001n, 0);
    await buffer.next();
    expect(read + buffer.lost).toBeGreaterThanOrEqual(1000n);
  });

  it('leaves alone another map that has got the number of its own, which is gone', async () => {
    const loaded = openObject(testObject('core')).load();
    const samples = loaded.map('samples');
    const buffer = perfBuffer(samples);
    const { fd } = samples;
    loaded.close();
    const others: BpfMap[] = [];
    do others.push(BpfMap.create({ type: 'hash', keySize: 4, valueSize: 4, maxEntries: 1 }));
    while (!others.some((other) => other.fd === fd));
    const views = others.map((other) => hashMap(other, { key: u32, value: u32 }));
    for (const view of views) view.set(0, 1);
    buffer.close();
    expect(views.map((view) => view.get(0))).toEqual(others.map(() => 1));
    for (const other of others) other.close();
  });

  it('refuses other maps, and sizes that are no power of 2', () => {
    using map = BpfMap.create({ type: 'array', keySize: 4, valueSize: 8, maxEntries: 1 });
    expect(refused(() => perfBuffer(map)).code).toBe('ERR_SLUICE_OPTION');
    using loaded = openObject(testObject('core')).load();
    expect(refused(() => perfBuffer(loaded.map('samples'), { pagesPerCpu: 3 })).code).toBe('ERR_SLUICE_BPF');
  });

  it('goes on after a sample that can not be read', async () => {
    using loaded = openObject(testObject('core')).load();
    await using buffer = perfBuffer(loaded.map('samples'), { record: unreadable(2n) });
    for (const number of [1n, 2n, 3n]) sample(loaded, number, 0);
    expect((await buffer.next()).value?.record).toBe(1n);
    await expect(buffer.next()).rejects.toMatchObject({ code: 'ERR_SLUICE_VALUE' });
    expect(buffer.undelivered).toBe(1);
    expect((await buffer.next()).value?.record).toBe(3n);
  });
});
