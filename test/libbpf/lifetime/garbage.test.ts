/** What is forgotten without being closed is closed by the collector, and nothing that is used is. */

import { expect, it } from 'vitest';
import { runScript } from './child.js';

const ok = { status: 0, signal: null, errors: '' };

it('1 descriptors come back when their objects are collected', () => {
  const ended = runScript(
    `
    import { readdirSync } from 'node:fs';
    import { setTimeout as sleep } from 'node:timers/promises';
    const count = () => readdirSync('/proc/self/fd').length;
    function forget() {
      const loaded = libbpf.openObject(object).load();
      loaded.map('points');
      loaded.program('produce');
      libbpf.ringBuffer(loaded.map('records'));
      libbpf.perfBuffer(loaded.map('samples'));
      libbpf.enableStatistics();
      libbpf.BpfMap.create({ type: 'array', keySize: 4, valueSize: 4, maxEntries: 1 });
    }
    forget();
    await collect();
    const before = count();
    for (let i = 0; i < 20; i++) forget();
    const forgotten = count();
    await collect();
    console.log(forgotten > before + 100, count() <= before);
    async function collect() {
      for (let i = 0; i < 5; i++) {
        gc();
        await sleep(10);
      }
    }
  `,
    '--expose-gc',
  );
  expect(ended).toMatchObject({ ...ok, output: 'true true' });
});

it('2 a buffer that is waited for is not collected', () => {
  const ended = runScript(
    `
    const loaded = libbpf.openObject(object).load();
    const first = libbpf.ringBuffer(loaded.map('records'), { record: libbpf.u64 }).next();
    for (let i = 0; i < 10; i++) gc();
    setTimeout(() => { gc(); produce(loaded, 9n, 1n); }, 30);
    console.log((await first).value);
  `,
    '--expose-gc',
  );
  expect(ended).toMatchObject({ ...ok, output: '9n' });
});

it('3 a program, a link, a memory view and BTF outlive the object that they come from', () => {
  const ended = runScript(
    `
    function parts() {
      const loaded = libbpf.openObject(object).load();
      const memory = new BigUint64Array(libbpf.mapMemory(loaded.map('shared')));
      const link = libbpf.attachRawTracepoint(loaded.program('sample'), 'sched_process_exit');
      return { program: loaded.program('produce'), map: loaded.map('points'), memory, btf: loaded.btf, link };
    }
    const { program, map, memory, btf, link } = parts();
    for (let i = 0; i < 10; i++) gc();
    await new Promise((resolve) => setTimeout(resolve, 20));
    for (let i = 0; i < 10; i++) gc();
    memory.fill(3n);
    console.log(program.run({ context: new Uint8Array(16) }).result, map.maxEntries, memory[7], btf.size > 5, link.info().type);
  `,
    '--expose-gc',
  );
  expect(ended).toMatchObject({ ...ok, output: '7 1024 3n true raw_tracepoint' });
});

it('4 a buffer whose signal lives on is collected, and its listener', () => {
  const ended = runScript(
    `
    import { getEventListeners } from 'node:events';
    import { readdirSync } from 'node:fs';
    import { setTimeout as sleep } from 'node:timers/promises';
    const count = () => readdirSync('/proc/self/fd').length;
    const { signal } = new AbortController();
    const records = libbpf.openObject(object).load().map('records');
    const before = count();
    for (let i = 0; i < 10; i++) libbpf.ringBuffer(records, { signal });
    const forgotten = count();
    for (let i = 0; i < 5; i++) {
      gc();
      await sleep(10);
    }
    console.log(forgotten >= before + 10, count() < before + 5, getEventListeners(signal, 'abort').length < 5);
  `,
    '--expose-gc',
  );
  expect(ended).toMatchObject({ ...ok, output: 'true true true' });
});
