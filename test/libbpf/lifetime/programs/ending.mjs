/**
 * Ends while something of sluice/libbpf is open or waited for, as SCENE says.
 *
 * node ending.mjs SCENE OBJECT
 */

import { mapMemory, openObject, perfBuffer, ringBuffer, u64 } from 'sluice/libbpf';

const [scene, object] = process.argv.slice(2);
const loaded = openObject(object).load();
const records = loaded.map('records');

/** Lets the kernel write one record with a number. */
function produce(number) {
  loaded.program('produce').run({ context: new Uint8Array(BigUint64Array.of(number, 1n).buffer) });
}

const scenes = {
  exitsWhileItWaits() {
    ringBuffer(records).next();
    perfBuffer(loaded.map('samples')).next();
    setTimeout(() => process.exit(0), 50);
  },

  exitsAsARecordArrives() {
    ringBuffer(records).next();
    setTimeout(() => {
      produce(1n);
      process.exit(0);
    }, 20);
  },

  // An unreferenced timer alone would not hold the process: only the wait does.
  waits() {
    setTimeout(() => produce(5n), 100).unref();
    const interval = setInterval(() => {}, 200);
    ringBuffer(records, { record: u64 })
      .next()
      .then(({ value }) => console.log(value), clearInterval(interval));
  },

  async leavesAllOpen() {
    const ring = ringBuffer(records);
    globalThis.kept = [loaded, ring, mapMemory(loaded.map('shared')), loaded.btf];
    produce(1n);
    await ring.next();
  },

  throwsWhileItWaits() {
    ringBuffer(records).next();
    setTimeout(() => {
      throw new Error('on purpose');
    }, 20);
  },
};

await scenes[scene]();
