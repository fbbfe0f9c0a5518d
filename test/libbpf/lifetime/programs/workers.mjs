// One process with workers; its argument says what happens to them.

import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';

const script = new URL('worker.mjs', import.meta.url);

async function firstMessage(worker) {
  const [message] = await once(worker, 'message');
  return message;
}

const scenes = {
  async readTogether() {
    const workers = Array.from({ length: 4 }, () => new Worker(script, { workerData: {} }));
    console.log((await Promise.all(workers.map(firstMessage))).join());
  },

  async endedWhileRecordsArrive() {
    const { openObject } = await import('sluice/libbpf');
    const object = fileURLToPath(new URL('../../../../build/test-bpf/core.bpf.o', import.meta.url));
    const loaded = openObject(object).load();
    const context = new Uint8Array(BigUint64Array.of(1n, 2n).buffer);
    for (let round = 0; round < 8; round++) {
      const worker = new Worker(script, { workerData: { waits: true, map: loaded.map('records').id } });
      await firstMessage(worker);
      const ended = worker.terminate();
      for (let i = 0; i < 20; i++) loaded.program('produce').run({ context });
      await ended;
    }
    console.log('all ended');
  },

  async statisticsOfEndedWorker() {
    const open = () =>
      readdirSync('/proc/self/fd').filter((fd) => {
        try {
          return readlinkSync(`/proc/self/fd/${fd}`).includes('bpf-stats');
        } catch {
          return false; // that of the folder itself
        }
      }).length;
    const worker = new Worker(script, { workerData: { counts: true } });
    await firstMessage(worker);
    const before = open();
    await worker.terminate();
    console.log(before, open());
  },

  // The main thread does not load the addon, so Node unloads it with each worker: the code that the poller's thread runs
  // must stay, and with it the one poller.
  async loadedByWorkersOnly() {
    for (let round = 0; round < 5; round++) {
      const worker = new Worker(script, { workerData: { waits: true } });
      await firstMessage(worker);
      await worker.terminate();
    }
    const threads = readdirSync('/proc/self/task').map((id) =>
      readFileSync(`/proc/self/task/${id}/comm`, 'utf8'),
    );
    console.log(threads.filter((name) => name === 'sluice-poller\n').length, 'poller');
  },

  async exitWhileOneWaits() {
    await firstMessage(new Worker(script, { workerData: { waits: true } }));
    process.exit(0);
  },
};

await scenes[process.argv[2]]();
