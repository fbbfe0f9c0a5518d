/**
 * Forgets objects of sluice/libbpf without closing them, as SCENE says, and prints what the collector leaves of them.
 *
 * node --expose-gc forgetting.mjs SCENE OBJECT
 */

import { getEventListeners } from 'node:events';
import { readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  attachRawTracepoint,
  BpfMap,
  enableStatistics,
  mapMemory,
  openObject,
  perfBuffer,
  ringBuffer,
  u64,
} from 'sluice/libbpf';

const [scene, object] = process.argv.slice(2);
const load = () => openObject(object).load();
const descriptors = () => readdirSync('/proc/self/fd').length;

/** Finalizers run between turns of the event loop. */
async function collect() {
  for (let i = 0; i < 5; i++) {
    gc();
    await sleep(10);
  }
}

const scenes = {
  async descriptorsOfObjects() {
    function forget() {
      const loaded = load();
      loaded.map('points');
      loaded.program('produce');
      ringBuffer(loaded.map('records'));
      perfBuffer(loaded.map('samples'));
      enableStatistics();
      BpfMap.create({ type: 'array', keySize: 4, valueSize: 4, maxEntries: 1 });
    }
    forget();
    await collect();
    const before = descriptors();
    for (let i = 0; i < 20; i++) forget();
    const forgotten = descriptors();
    await collect();
    console.log(forgotten > before + 100, descriptors() <= before);
  },

  async bufferThatIsWaitedFor() {
    const loaded = load();
    const context = new Uint8Array(BigUint64Array.of(9n, 1n).buffer);
    const first = ringBuffer(loaded.map('records'), { record: u64 }).next();
    for (let i = 0; i < 10; i++) gc();
    setTimeout(() => {
      gc();
      loaded.program('produce').run({ context });
    }, 30);
    console.log((await first).value);
  },

  async partsOfAnObject() {
    function parts() {
      const loaded = load();
      const memory = new BigUint64Array(mapMemory(loaded.map('shared')));
      const link = attachRawTracepoint(loaded.program('sample'), 'sched_process_exit');
      return { program: loaded.program('produce'), map: loaded.map('points'), memory, btf: loaded.btf, link };
    }
    const { program, map, memory, btf, link } = parts();
    await collect();
    memory.fill(3n);
    const { result } = program.run({ context: new Uint8Array(16) });
    console.log(result, map.maxEntries, memory[7], btf.size > 5, link.info().type);
  },

  async bufferWithASignal() {
    const { signal } = new AbortController();
    const records = load().map('records');
    const before = descriptors();
    for (let i = 0; i < 10; i++) ringBuffer(records, { signal });
    const forgotten = descriptors();
    await collect();
    const listeners = getEventListeners(signal, 'abort').length;
    console.log(forgotten >= before + 10, descriptors() < before + 5, listeners < 5);
  },
};

await scenes[scene]();
