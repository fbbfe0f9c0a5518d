/** User ring buffers (6.1): records for a program. */

import { describe, expect, it } from 'vitest';
import { hasMapType, openObject, userRingBuffer } from '../../../lib/libbpf/index.js';
import { expectRefusal, refused, testObject } from '../support.js';

const record = (number: bigint) => new Uint8Array(BigUint64Array.of(number).buffer);

function onNewKernels(): void {
  it('brings records to the program that drains it', () => {
    using loaded = openObject(testObject('user_ring')).load();
    using ring = userRingBuffer(loaded.map('requests'));
    for (const number of [1n, 20n, 300n]) expect(ring.write(record(number))).toBe(true);
    expect(loaded.program('drain').run().result).toBe(3);
    expect(loaded.variable('sum').get()).toBe(321n);
  });

  it('says when it is full, and when there is room again', async () => {
    using loaded = openObject(testObject('user_ring')).load();
    using ring = userRingBuffer(loaded.map('requests'));
    let written = 0;
    while (ring.write(record(1n))) written++;
    expect(written).toBe(4096 / 16);
    const drained = ring.drained();
    loaded.program('drain').run();
    await drained;
    expect(ring.write(record(1n))).toBe(true);
  });

  it('is refused after it is closed, and settles who waits', async () => {
    using loaded = openObject(testObject('user_ring')).load();
    const ring = userRingBuffer(loaded.map('requests'));
    while (ring.write(record(1n)));
    const drained = ring.drained();
    ring.close();
    await drained;
    expect(refused(() => ring.write(record(1n))).code).toBe('ERR_SLUICE_CLOSED');
    using other = openObject(testObject('core')).load();
    expect(refused(() => userRingBuffer(other.map('records'))).code).toBe('ERR_SLUICE_OPTION');
  });

  it('refuses a record that is no Uint8Array', () => {
    using loaded = openObject(testObject('user_ring')).load();
    using ring = userRingBuffer(loaded.map('requests'));
    for (const value of ['abc', new ArrayBuffer(64), new DataView(new ArrayBuffer(64)), [1], null]) {
      expect(refused(() => ring.write(value as never)).code).toBe('ERR_SLUICE_VALUE');
    }
    expect(loaded.program('drain').run().result).toBe(0);
  });

  it('lets several wait', async () => {
    using loaded = openObject(testObject('user_ring')).load();
    using ring = userRingBuffer(loaded.map('requests'));
    while (ring.write(record(1n)));
    const all = Promise.all([ring.drained(), ring.drained(), ring.drained(100)]);
    setImmediate(() => loaded.program('drain').run());
    await all;
    expect(ring.write(record(1n))).toBe(true);
  });

  it('waits until there is room for all of a record', async () => {
    using loaded = openObject(testObject('user_ring')).load();
    using ring = userRingBuffer(loaded.map('requests'));
    expect(ring.write(new Uint8Array(3000))).toBe(true);
    const drainSoon = () => setTimeout(() => loaded.program('drain').run(), 50);
    drainSoon();
    let refusals = 0;
    for (; !ring.write(new Uint8Array(2000)); refusals++) await ring.drained();
    expect(refusals).toBe(1);
    drainSoon();
    await ring.drained(3000);
    expect(ring.write(new Uint8Array(3000))).toBe(true);
  });

  it('settles who waits for room for all of a record when it is closed, and refuses what never fits', async () => {
    using loaded = openObject(testObject('user_ring')).load();
    const ring = userRingBuffer(loaded.map('requests'));
    expect(ring.write(new Uint8Array(3000))).toBe(true);
    await ring.drained(4096 - 3008 - 8);
    const drained = ring.drained(2000);
    await expect(ring.drained(4096 - 7)).rejects.toMatchObject({ code: 'ERR_SLUICE_VALUE' });
    ring.close();
    await drained;
    await expect(ring.drained()).rejects.toMatchObject({ code: 'ERR_SLUICE_CLOSED' });
  });
}

describe('userRingBuffer', () => {
  if (hasMapType('user_ringbuf')) {
    onNewKernels();
    return;
  }
  it('is refused by a kernel that has no such maps', () => {
    expectRefusal(
      () => openObject(testObject('user_ring')).load(),
      ['ERR_SLUICE_BPF', 'ERR_SLUICE_VERIFIER'],
    );
  });
});
