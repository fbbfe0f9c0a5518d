/** User ring buffers (6.1): records for a program. */

import { describe, expect, it } from 'vitest';
import { hasMapType, openObject, userRingBuffer } from '../../../lib/libbpf/index.js';
import { expectRefusal, refused, testObject } from '../support.js';

const record = (number: bigint) => new Uint8Array(BigUint64Array.of(number).buffer);

function onNewKernels(): void {
  it('1 brings records to the program that drains it', () => {
    using loaded = openObject(testObject('user_ring')).load();
    using ring = userRingBuffer(loaded.map('requests'));
    for (const number of [1n, 20n, 300n]) expect(ring.write(record(number))).toBe(true);
    expect(loaded.program('drain').run().result).toBe(3);
    expect(loaded.variable('sum').get()).toBe(321n);
  });

  it('2 says when it is full, and when there is room again', async () => {
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

  it('3 is refused after it is closed, and settles who waits', async () => {
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
}

describe('userRingBuffer', () => {
  if (hasMapType('user_ringbuf')) {
    onNewKernels();
    return;
  }
  it('is refused on a kernel before 6.1', () => {
    expectRefusal(
      () => openObject(testObject('user_ring')).load(),
      ['ERR_SLUICE_BPF', 'ERR_SLUICE_VERIFIER'],
    );
  });
});
