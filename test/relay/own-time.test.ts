import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { maxThreads } from '../../lib/engine/threads.js';
import { fileOf, temporaryFolder } from '../helpers/files.js';
import { needs } from '../helpers/needs.js';

needs('strace');

const folder = temporaryFolder();

/** Relays 1000 bytes from file to file, once more than there are threads, and prints what each came to, in that order. */
const script = `
import { openSync } from 'node:fs';
import { relay } from './dist/relay/index.js';
const source = openSync(process.argv[1]);
const ends = [];
const start = (name, signal) =>
  relay(source, openSync(process.argv[2] + '/' + name, 'w+'), { engine: 'userspace', length: 1000, idleTimeout: 100, signal })
    .then(({ bytes }) => ends.push(bytes), ({ code }) => ends.push([name, code]));
const relays = Array.from({ length: ${maxThreads + 1} }, (_, i) => start(i));
const controller = new AbortController();
relays.push(start('abandoned', controller.signal));
controller.abort();
await Promise.all(relays);
console.log(JSON.stringify(ends));`;

test('a disk that takes its time is no silent peer, nor is a queue', async () => {
  const slow = ['-f', '-qq', '-o', '/dev/null', '--seccomp-bpf', '-e', 'trace=splice'];
  slow.push('-e', 'inject=splice:delay_enter=600000');
  const command = [process.execPath, '--input-type=module', '-e', script, fileOf(folder, 1000), folder];
  const { stdout } = await promisify(execFile)('strace', [...slow, ...command]);
  const ends: unknown[] = JSON.parse(stdout);
  expect(ends.filter((end) => end === 1000)).toHaveLength(maxThreads + 1);
  // It waits for none of those before it in the queue.
  expect(ends.slice(0, -1)).toContainEqual(['abandoned', 'ERR_SLUICE_ABORTED']);
});
