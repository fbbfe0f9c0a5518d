/** Ring buffers: records in order, waiting, ending, losing. */

import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { BpfMap, type LoadedObject, openObject, ringBuffer, u64 } from '../../../lib/libbpf/index.js';
import { start } from '../../helpers/program.js';
import { refused, testObject, unreadable } from '../support.js';

function produce(loaded: LoadedObject, number: bigint, count: bigint): void {
  loaded.program('produce').run({ context: new Uint8Array(BigUint64Array.of(number, count).buffer) });
}

describe('ringBuffer', () => {
  it('reads what is there, in order', async () => {
    using loaded = openObject(testObject('core')).load();
    await using ring = ringBuffer(loaded.map('records'), { record: u64 });
    produce(loaded, 5n, 3n);
    expect(ring.available).toBe(3 * 16);
    const read = [await ring.next(), await ring.next(), await ring.next()].map(({ value }) => value);
    expect(read).toEqual([5n, 6n, 7n]);
    expect(ring.available).toBe(0);
  });

  it('waits for what comes', async () => {
    using loaded = openObject(testObject('core')).load();
    await using ring = ringBuffer(loaded.map('records'), { record: u64 });
    for (let round = 0n; round < 20n; round++) {
      const next = ring.next();
      setImmediate(() => produce(loaded, round, 1n));
      expect(await next).toEqual({ done: false, value: round });
    }
  });

  it('gives bytes without a codec', async () => {
    using loaded = openObject(testObject('core')).load();
    await using ring = ringBuffer(loaded.map('records'));
    produce(loaded, 0x41n, 1n);
    expect((await ring.next()).value).toEqual(Buffer.from([0x41, 0, 0, 0, 0, 0, 0, 0]));
  });

  it('is iterated until it is closed, also while waiting', async () => {
    using loaded = openObject(testObject('core')).load();
    const ring = ringBuffer(loaded.map('records'), { record: u64 });
    produce(loaded, 0n, 100n);
    const seen: bigint[] = [];
    for await (const number of ring) {
      seen.push(number);
      if (number === 99n) setTimeout(() => ring.close(), 10);
    }
    expect(seen).toEqual(Array.from({ length: 100 }, (_, i) => BigInt(i)));
    expect(await ring.next()).toEqual({ done: true, value: undefined });
  });

  it('is closed by leaving the loop', async () => {
    using loaded = openObject(testObject('core')).load();
    const ring = ringBuffer(loaded.map('records'));
    produce(loaded, 0n, 2n);
    for await (const _ of ring) break;
    expect(refused(() => ring.available).code).toBe('ERR_SLUICE_CLOSED');
  });

  it('ends with an abort', async () => {
    using loaded = openObject(testObject('core')).load();
    const controller = new AbortController();
    const ring = ringBuffer(loaded.map('records'), { signal: controller.signal });
    const next = ring.next();
    setTimeout(() => controller.abort(), 5);
    await expect(next).rejects.toMatchObject({ code: 'ERR_SLUICE_ABORTED' });
    await expect(
      ringBuffer(loaded.map('records'), { signal: AbortSignal.abort() }).next(),
    ).rejects.toMatchObject({
      code: 'ERR_SLUICE_ABORTED',
    });
  });

  it('answers several waiting calls in their order', async () => {
    using loaded = openObject(testObject('core')).load();
    await using ring = ringBuffer(loaded.map('records'), { record: u64 });
    const all = Promise.all([ring.next(), ring.next(), ring.next()]);
    await sleep(5);
    produce(loaded, 1n, 3n);
    expect((await all).map(({ value }) => value)).toEqual([1n, 2n, 3n]);
  });

  it('shows how many records the program lost', async () => {
    using loaded = openObject(testObject('core')).load();
    await using ring = ringBuffer(loaded.map('records'), { record: u64, lost: loaded.variable('lost', u64) });
    produce(loaded, 0n, 1000n);
    const lost = ring.lost ?? 0n;
    expect(lost).toBeGreaterThanOrEqual(1000n - 4096n / 16n);
    for (let number = 0n; number < 1000n - lost; number++) expect((await ring.next()).value).toBe(number);
    expect(ring.available).toBe(0);
  });

  it('refuses other maps', () => {
    using map = BpfMap.create({ type: 'array', keySize: 4, valueSize: 8, maxEntries: 1 });
    expect(refused(() => ringBuffer(map)).code).toBe('ERR_SLUICE_OPTION');
  });

  it('leaves the event loop asleep while it waits', async () => {
    const program = start(new URL('programs/waiting.mjs', import.meta.url), [testObject('core')]);
    // A descriptor that stays readable would turn it hundreds of times, on the slowest machine.
    expect(Number(await program.line())).toBeLessThan(20);
  });

  it('goes on after a record that can not be read, and stays open', async () => {
    using loaded = openObject(testObject('core')).load();
    const ring = ringBuffer(loaded.map('records'), { record: unreadable(2n) });
    produce(loaded, 0n, 5n);
    const seen: bigint[] = [];
    const loop = async () => {
      for await (const number of ring) if (seen.push(number) === 4) break;
    };
    await expect(loop()).rejects.toMatchObject({ code: 'ERR_SLUICE_VALUE' });
    expect(seen).toEqual([0n, 1n]);
    expect(ring.undelivered).toBe(2);
    await loop();
    expect(seen).toEqual([0n, 1n, 3n, 4n]);
    expect(refused(() => ring.available).code).toBe('ERR_SLUICE_CLOSED');
  });

  it('counts what was taken out and not delivered', async () => {
    using loaded = openObject(testObject('core')).load();
    const ring = ringBuffer(loaded.map('records'), { record: u64 });
    produce(loaded, 1n, 10n);
    for await (const number of ring) if (number === 3n) break;
    expect(ring.undelivered).toBe(7);
  });
});
