// Terminates worker threads in the middle of jobs, and prints as JSON what the process has open more than before.
// A program of its own: scripts/test-sanitize runs it too, and only what is still allocated when a process ends counts
// as leaked.
// usage: node terminated.mjs FOLDER ROUNDS KIND...
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';

const [base, rounds, ...kinds] = process.argv.slice(2);
const atOnce = 4;
const endThemselves = new Set(['receive', 'send']);
/** For what the threads of the pools are still at. */
const patience = 20_000;

/** By what they lead to. The pipes that the pools' threads keep are the process's own. */
function descriptors() {
  const found = [];
  for (const fd of readdirSync('/proc/self/fd')) {
    try {
      const target = readlinkSync(`/proc/self/fd/${fd}`);
      if (!/^(pipe:|\/dev\/null$)/.test(target)) found.push(target.replace(/\d+/g, 'N'));
    } catch {
      // that of the folder itself
    }
  }
  return found;
}

/** What its threads have started that is still there, or that nobody has waited for. */
function children() {
  return readdirSync('/proc/self/task').flatMap((task) => {
    try {
      return readFileSync(`/proc/self/task/${task}/children`, 'utf8').split(' ').slice(0, -1);
    } catch {
      return []; // the thread has ended
    }
  });
}

function without(all, some) {
  const rest = [...all];
  for (const each of some) {
    const at = rest.indexOf(each);
    if (at >= 0) rest.splice(at, 1);
  }
  return rest;
}

async function terminated(kind, folder) {
  const worker = new Worker(new URL('jobs.mjs', import.meta.url), { workerData: { kind, folder } });
  worker.on('error', (error) => {
    throw error;
  });
  const ended = once(worker, 'exit');
  await once(worker, 'message');
  if (endThemselves.has(kind)) return ended;
  // At another moment each time, in the first jobs and after some.
  await sleep(Math.random() * 40);
  await worker.terminate();
}

async function leftOver(before, folder) {
  const end = performance.now() + patience;
  for (;;) {
    const left = [
      ...without(descriptors(), before),
      ...children(),
      ...readdirSync(folder).filter((name) => /^\.sluice-/.test(name)),
    ];
    if (left.length === 0 || performance.now() > end) return left;
    await sleep(10);
  }
}

// What belongs to the process and is made once: the kernel's engine, and the poller, which a relay has that waits.
const { kernelEngine } = await import('#lib/engine/taps/pipe.js');
kernelEngine();
const { relay } = await import('sluice/relay');
const fifo = join(base, `silent-${process.pid}`);
execFileSync('mkfifo', [fifo], { env: { ...process.env, LD_PRELOAD: '' } }); // a sanitizer's
const ends = [openSync(fifo, 'r+'), openSync('/dev/null', 'w')];
await relay(...ends, { engine: 'userspace', idleTimeout: 1 }).catch(({ code }) => {
  if (code !== 'ERR_SLUICE_TIMEOUT') throw new Error(code);
});
const left = {};
for (const kind of kinds) {
  const folder = mkdtempSync(join(base, 'terminated-'));
  mkdirSync(join(folder, 'staged'));
  await terminated(kind, folder);
  const before = descriptors();
  for (let round = 0; round < Number(rounds); round += atOnce)
    await Promise.all(Array.from({ length: atOnce }, () => terminated(kind, folder)));
  left[kind] = await leftOver(before, join(folder, 'staged'));
  rmSync(folder, { recursive: true });
}
process.stdout.write(`${JSON.stringify(left)}\n`);
