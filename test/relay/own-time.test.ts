import { expect, test } from 'vitest';
import { maxThreads } from '../../lib/engine/threads.js';
import { fileOf, temporaryFolder } from '../helpers/files.js';
import { needs } from '../helpers/needs.js';
import { start } from '../helpers/program.js';

needs('strace');

const folder = temporaryFolder();

const program = new URL('programs/queueing.mjs', import.meta.url);

test('a disk that takes its time is no silent peer, nor is a queue', async () => {
  const slow = ['strace', '-f', '-qq', '-o', '/dev/null', '--seccomp-bpf', '-e', 'trace=splice'];
  slow.push('-e', 'inject=splice:delay_enter=600000');
  const args = [fileOf(folder, 1000), folder, String(maxThreads + 1)]; // one more than there are threads
  const ends: unknown[] = JSON.parse(await start(program, args, { under: slow }).rest());
  expect(ends.filter((end) => end === 1000)).toHaveLength(maxThreads + 1);
  // It waits for none of those before it in the queue.
  expect(ends.slice(0, -1)).toContainEqual(['abandoned', 'ERR_SLUICE_ABORTED']);
});
