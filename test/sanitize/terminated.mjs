// Ends worker threads while answers are on their way to them: what was allocated for these has to be freed all the same.
// A program of its own: only what is still allocated when a process ends counts as leaked.
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

const ROUNDS = 40;

const folder = mkdtempSync(join(tmpdir(), 'sluice-terminated-'));
const path = join(folder, 'source');
writeFileSync(path, Buffer.alloc(100_000, 'sluice'));
const sink = openSync(join(folder, 'sink'), 'w+');
const code = `
const { parentPort, workerData: { lib, path, sink } } = require('node:worker_threads');
const load = (name) => import(new URL(name, lib));
Promise.all([load('index.js'), load('relay/index.js'), load('xattr/index.js')]).then(async ([{ checksum }, { relay }, { listAttributes }]) => {
  parentPort.postMessage('begun');
  const source = require('node:fs').openSync(path);
  for (;;) {
    const calls = Array.from({ length: 20 }, (_, i) => [
      checksum(path),
      relay(source, sink, { offset: i * 100_000 }),
      listAttributes(source),
    ]);
    await Promise.all(calls.flat());
  }
});`;
const workerData = { lib: new URL('../../dist/', import.meta.url).href, path, sink };

try {
  for (let round = 0; round < ROUNDS; round++) {
    const worker = new Worker(code, { eval: true, workerData });
    worker.on('error', (error) => {
      throw error;
    });
    await once(worker, 'message');
    // At another moment each time, in the first calls and after some.
    await new Promise((resolve) => setTimeout(resolve, round));
    await worker.terminate();
  }
} finally {
  closeSync(sink);
  rmSync(folder, { recursive: true });
}
process.stdout.write(`${ROUNDS} passed, 0 failed\n`);
