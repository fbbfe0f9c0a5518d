/**
 * Loads the kernel engine, drops capabilities, and sums a file. Prints as JSON the value, whether the engine was loaded,
 * and the capabilities that each thread of the process, and a program that it starts, have then; or the error where they
 * can't be dropped.
 *
 * node dropping.mjs FILE
 */

import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { checksum, loadAndDropCapabilities } from 'sluice';

const [file] = process.argv.slice(2);
await checksum(file, { engine: 'userspace', threads: 2 }); // so that there are workers
let loaded;
try {
  loaded = loadAndDropCapabilities();
} catch ({ code, errno, message }) {
  console.log(JSON.stringify({ code, errno, message }));
  process.exit();
}

const capabilities = (status) =>
  Object.fromEntries(
    [...status.matchAll(/^Cap(Prm|Eff|Bnd|Amb):\s*(\w+)$/gm)].map(([, set, bits]) => [set, bits]),
  );
const threads = readdirSync('/proc/self/task').map((id) =>
  capabilities(readFileSync(`/proc/self/task/${id}/status`, 'utf8')),
);
const started = capabilities(execFileSync('cat', ['/proc/self/status'], { encoding: 'utf8' }));
const { hex, backend } = await checksum(file, { engine: loaded ? 'kernel' : 'userspace' });
console.log(JSON.stringify({ loaded, threads, started, hex, backend }));
