// A worker that reads 50 records from a ring buffer of its own, or waits: for its own, or for that with the id given; or
// that has the kernel count.

import { fileURLToPath } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import { BpfMap, enableStatistics, openObject, ringBuffer, u64 } from 'sluice/libbpf';

const object = fileURLToPath(new URL('../../../../build/test-bpf/core.bpf.o', import.meta.url));

async function read() {
  const loaded = openObject(object).load();
  const ring = ringBuffer(loaded.map('records'), { record: u64 });
  let sum = 0n;
  for (let round = 0n; round < 50n; round++) {
    const next = ring.next();
    const context = new Uint8Array(BigUint64Array.of(round, 1n).buffer);
    setImmediate(() => loaded.program('produce').run({ context }));
    sum += (await next).value;
  }
  parentPort.postMessage(sum);
  ring.close();
  loaded.close();
}

async function wait() {
  const map = workerData.map ? BpfMap.fromId(workerData.map) : openObject(object).load().map('records');
  const ring = ringBuffer(map);
  setImmediate(() => parentPort.postMessage('waiting'));
  for (;;) await ring.next();
}

async function count() {
  globalThis.kept = enableStatistics();
  setInterval(() => {}, 1000);
  parentPort.postMessage('counting');
}

await (workerData.waits ? wait() : workerData.counts ? count() : read());
