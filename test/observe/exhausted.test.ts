/** What an observation takes is used up: the groups of a user, descriptors in the midst of a walk, the journal. */

import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, it, onTestFinished } from 'vitest';
import { observe } from '../../lib/observe/index.js';
import { folderIn, temporaryFolder } from '../helpers/files.js';
import { needs } from '../helpers/needs.js';
import { start as startProgram } from '../helpers/program.js';
import {
  adlerOf,
  eventOf,
  holdUntil,
  keptAdler,
  linesOf,
  Observed,
  spawnObserve,
  start,
} from './observing.js';

needs('prlimit', 'python3');

const base = temporaryFolder();
chmodSync(base, 0o755);

it('a user who has all the groups of fanotify that he may have is told which limit it is', async () => {
  const root = folderIn(base);
  chmodSync(root, 0o755);
  const capabilities = '+sys_admin,+dac_read_search';
  const user = ['setpriv', '--reuid', '65530', '--clear-groups'];
  const under = [...user, `--inh-caps=${capabilities}`, `--ambient-caps=${capabilities}`];
  const taker = startProgram(new URL('programs/groups.py', import.meta.url), [], { under });
  expect(await taker.line()).toBe('all taken');
  const child = spawnObserve(under, '--method', 'reread', root);
  const said = text(child.stderr);
  const [status] = await once(child, 'close');
  expect(await said).toMatch(
    /can't be observed \(fanotify_init: .*EMFILE\)\. .*fs\.fanotify\.max_user_groups/,
  );
  expect(status).toBe(1);
});

/** Descriptors of a process, by their numbers. */
const descriptorsOf = (pid: number) => readdirSync(`/proc/${pid}/fd`).map(Number);

it('a walk that comes to no descriptors is told, and what it had to look for is found after the next start', async () => {
  const [root, outside, journal] = [folderIn(base), folderIn(base), join(folderIn(base), 'journal')];
  writeFileSync(join(outside, 'file'), 'content');
  const args = ['--method', 'reread', '--json', '--journal', journal, root];
  const { child, ended } = await start(...args);
  const lines = linesOf(child.stdout);
  writeFileSync(join(root, 'first'), '');
  expect(await eventOf(lines, root)).toMatchObject({ type: 'value' });
  const pid = child.pid as number;
  const limit = (files: string) => execFileSync('prlimit', ['--pid', String(pid), `--nofile=${files}`]);
  const before = execFileSync(
    'prlimit',
    ['--pid', String(pid), '--nofile', '--output', 'SOFT,HARD', '--noheadings'],
    { encoding: 'utf8' },
  );
  // One is left: what an event tells takes no more, a walk takes two.
  const open = new Set(descriptorsOf(pid));
  let free = 0;
  while (open.has(free)) free++;
  limit(`${free + 1}:`);
  renameSync(outside, join(root, 'moved'));
  expect(await eventOf(lines, root)).toMatchObject({
    type: 'lost',
    what: 'unwalked',
    error: { code: 'ERR_SLUICE_LIMIT' },
  });
  limit(before.trim().replace(/\s+/, ':'));
  // Until all that happened before is told.
  writeFileSync(join(root, 'second'), '');
  expect(await eventOf(lines, root)).toMatchObject({ type: 'value' });
  child.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
  const next = new Observed(root, { method: 'reread', journal });
  expect(await next.value(join(root, 'moved', 'file'))).toMatchObject({ why: 'found', bytes: 7 });
});

it('a file that a full journal did not take is found after the next start', async () => {
  const most = 1 << 17;
  const [root, journal] = [folderIn(base), join(folderIn(base), 'journal')];
  execFileSync('mount', ['-t', 'tmpfs', 'none', root]);
  onTestFinished(() => void execFileSync('umount', ['-l', root]));
  const many = join(root, 'many');
  mkdirSync(many);
  const observed = new Observed(root, { method: 'reread', profiles: ['storm'], journal });
  const { observation } = observed;
  // Attributes are composed on this thread, which is held: no file is done with.
  for (let n = 1; n <= most; n++) {
    writeFileSync(join(many, String(n)), '');
    if (n % 4000 === 0 || n === most) holdUntil(() => observation.stats.inside >= n);
  }
  const last = join(root, 'last');
  writeFileSync(last, 'content');
  holdUntil(() => observation.stats.inside > most);
  expect(observation.stats.lost).toBe(0);
  const ended = observation[Symbol.asyncDispose]();
  rmSync(many, { recursive: true });
  await ended;
  expect(readFileSync(journal).length).toBeGreaterThan(most * 30);
  const next = new Observed(root, { method: 'reread', profiles: ['storm'], journal });
  expect(await next.value(last)).toMatchObject({ why: 'found', bytes: 7 });
});

it('a change that comes while an observation ends without the process that sets attributes is found after the next start', async () => {
  const [root, journal] = [folderIn(base), join(folderIn(base), 'journal')];
  const path = join(root, 'file');
  const options = { method: 'follow', profiles: ['storm'], journal } as const;
  const observation = observe(root, options);
  const events = observation[Symbol.asyncIterator]();
  writeFileSync(path, 'content');
  await events.next();
  const setters = readdirSync('/proc/self/task').flatMap((task) =>
    readFileSync(`/proc/self/task/${task}/children`, 'utf8').split(' ').filter(Boolean),
  );
  // At its end it takes once more what happened.
  const ended = observation[Symbol.asyncDispose]();
  for (const pid of setters) {
    try {
      process.kill(Number(pid), 'SIGKILL');
    } catch {
      // It has ended already.
    }
  }
  writeFileSync(path, 'changed');
  await ended;
  const end = await events.next().catch((error) => error);
  expect(end.code ?? end.value?.type ?? 'done').toMatch(/^(ERR_SLUICE_IO|retracted|value|done)$/);
  new Observed(root, options);
  await expect.poll(() => keptAdler(path)).toBe(adlerOf(path));
});
