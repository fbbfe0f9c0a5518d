/** Several observations at once, and processes that end while they observe. */

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../helpers/files.js';
import { start as startProgram } from '../helpers/program.js';
import { adlerOf, eventOf, keptAdler, linesOf, Observed, start } from './observing.js';

it('observations of one process tell of a file each, and one goes on when another has ended', async () => {
  const root = temporaryFolder();
  const all = (['auto', 'reread', 'hook'] as const).map((method) => new Observed(root, { method }));
  const path = join(root, 'file');
  writeFileSync(path, 'content');
  for (const each of all) expect((await each.value(path)).checksums.hex('adler32')).toBe(adlerOf(path));
  await all[0]?.observation[Symbol.asyncDispose]();
  writeFileSync(path, 'changed');
  for (const each of all.slice(1))
    expect((await each.value(path, 1)).checksums.hex('adler32')).toBe(adlerOf(path));
});

it('observations of two processes, which set the same attributes, leave them right', async () => {
  const root = temporaryFolder();
  const both = [
    await start('--json', '--profile', 'storm', root),
    await start('--json', '--profile', 'storm', root),
  ].map(({ child }) => linesOf(child.stdout));
  const paths = Array.from({ length: 200 }, (_, n) => join(root, String(n)));
  for (const path of paths) writeFileSync(path, path);
  for (const path of paths) writeFileSync(path, `${path} again`);
  // Each may take what the other does for a change, and tell of it before the value.
  for (const lines of both) await eventOf(lines, root);
  for (const path of paths) await expect.poll(() => keptAdler(path)).toBe(adlerOf(path));
});

/** Whether a process is there, and has not ended. */
function lives(pid: string): boolean {
  try {
    return !/^State:\sZ/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

it.each([
  ['process.exit', 'exit', [7, null]],
  ['an exception that nobody catches', 'throw', [1, null]],
  ['SIGKILL', 'kill', [null, 'SIGKILL']],
] as const)('%s while files are observed ends all that was started', async (_, how, end) => {
  const root = temporaryFolder();
  const program = startProgram(new URL('programs/ending.mjs', import.meta.url), [root]);
  await program.line();
  const setters = readdirSync(`/proc/${program.child.pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${program.child.pid}/task/${task}/children`, 'utf8').split(' ').slice(0, -1),
  );
  expect(setters.length).toBe(2);
  program.stdin.write(`${how}\n`);
  expect(await program.ended).toEqual(end);
  await expect.poll(() => setters.filter(lives)).toEqual([]);
});
