/** How a process ends while it waits for a ring buffer, and what keeps it alive. */

import { expect, it } from 'vitest';
import { runScript } from './child.js';

const ok = { status: 0, signal: null, errors: '' };

it('1 ends at process.exit() in mid-wait', () => {
  const ended = runScript(`
    const loaded = libbpf.openObject(object).load();
    const ring = libbpf.ringBuffer(loaded.map('records'));
    ring.next();
    libbpf.perfBuffer(loaded.map('samples')).next();
    setTimeout(() => process.exit(0), 50);
  `);
  expect(ended).toMatchObject(ok);
});

it('2 ends at process.exit() in the very moment that a record arrives', () => {
  const ended = runScript(`
    const loaded = libbpf.openObject(object).load();
    libbpf.ringBuffer(loaded.map('records')).next();
    setTimeout(() => {
      produce(loaded, 1n, 1n);
      process.exit(0);
    }, 20);
  `);
  expect(ended).toMatchObject(ok);
});

it('3 stays alive while somebody waits, and no longer', () => {
  const ended = runScript(`
    const loaded = libbpf.openObject(object).load();
    const ring = libbpf.ringBuffer(loaded.map('records'), { record: libbpf.u64 });
    setTimeout(() => produce(loaded, 5n, 1n), 100).unref();
    const interval = setInterval(() => {}, 200);
    ring.next().then(({ value }) => console.log(value), clearInterval(interval));
  `);
  // An unreferenced timer alone would not hold the process: only the wait does.
  expect(ended).toMatchObject({ ...ok, output: '5n' });
});

it('4 ends by itself with everything left open', () => {
  const ended = runScript(`
    const loaded = libbpf.openObject(object).load();
    const ring = libbpf.ringBuffer(loaded.map('records'));
    globalThis.kept = [loaded, ring, libbpf.mapMemory(loaded.map('shared')), loaded.btf];
    produce(loaded, 1n, 1n);
    await ring.next();
  `);
  expect(ended).toMatchObject(ok);
});

it('5 dies of an uncaught error, as any process', () => {
  const ended = runScript(`
    const loaded = libbpf.openObject(object).load();
    libbpf.ringBuffer(loaded.map('records')).next();
    setTimeout(() => { throw new Error('on purpose'); }, 20);
  `);
  expect(ended).toMatchObject({ status: 1, signal: null });
  expect(ended.errors).toContain('on purpose');
});
