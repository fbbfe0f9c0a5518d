import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type ObserveOptions, observe } from '../../lib/observe/index.js';
import { folderIn, temporaryFolder } from '../helpers/files.js';
import { adlerOf, keptAdler, linesOf, Observed, start } from './observing.js';

const base = temporaryFolder();
const folder = () => folderIn(base);

describe.each(['reread', 'follow', 'hook'] as const)('with the method %s,', (method) => {
  const watch = (root: string, journal: string, options: ObserveOptions = {}) =>
    new Observed(root, { method, journal, profiles: ['storm'], ...options });

  it('after an observation that was ended, the next one reads what was written between them, and nothing else', async () => {
    const root = folder();
    const journal = join(folder(), 'journal');
    const before = watch(root, journal);
    const paths = Array.from({ length: 20 }, (_, n) => join(root, `file-${n}`));
    for (const [n, path] of paths.entries()) writeFileSync(path, 'x'.repeat(n * 1000));
    for (const path of paths) await before.value(path);
    await before.observation[Symbol.asyncDispose]();
    // The last one that a walk comes to.
    const path = join(root, 'zzz');
    writeFileSync(path, 'between');
    const after = watch(root, journal);
    expect(await after.value(path)).toMatchObject({ why: 'found', bytes: 7 });
    expect(after.observation.stats).toMatchObject({ values: 1, bytesRead: 7 });
    for (const each of [path, ...paths]) expect(await keptAdler(each)).toBe(adlerOf(each));
  });

  it('a file that was open at the end and closed before the next observation is found', async () => {
    const root = folder();
    const journal = join(folder(), 'journal');
    const path = join(root, 'file');
    const before = watch(root, journal);
    writeFileSync(path, 'first');
    await before.value(path);
    const fd = openSync(path, 'r+');
    writeSync(fd, 'SECOND');
    await before.observation[Symbol.asyncDispose]();
    closeSync(fd);
    const after = watch(root, journal);
    expect(await after.value(path)).toMatchObject({ bytes: 6 });
    expect(await keptAdler(path)).toBe(adlerOf(path));
  });

  it('files of a folder that was moved in while nobody observed are found, but not those of before the first', async () => {
    const root = folder();
    const outside = folder();
    mkdirSync(join(outside, 'moved', 'below'), { recursive: true });
    const old = '2020-01-01T00:00:00Z';
    for (const path of [join(outside, 'moved', 'below', 'file'), join(root, 'before')]) {
      writeFileSync(path, 'long ago');
      execFileSync('touch', ['-d', old, path]);
    }
    const before = watch(root, join(outside, 'journal'));
    await before.settled((path) => writeFileSync(path, ''), join(root, 'first'));
    await before.observation[Symbol.asyncDispose]();
    renameSync(join(outside, 'moved'), join(root, 'moved'));
    writeFileSync(join(root, 'zzz'), '');
    const after = watch(root, join(outside, 'journal'));
    await after.value(join(root, 'zzz'));
    expect(await after.value(join(root, 'moved', 'below', 'file'))).toMatchObject({ why: 'found' });
    expect(await keptAdler(join(root, 'before'))).toBeUndefined();
  });
});

const refused = (root: string, journal: string, code: string, reason: string | RegExp) =>
  expect(() => observe(root, { method: 'reread', journal })).toThrow(
    expect.objectContaining({ code, path: journal, reason: expect.stringMatching(reason) }),
  );

describe('a journal is refused', () => {
  const root = folder();
  const elsewhere = folder();

  it('that another observation keeps', async () => {
    const journal = join(elsewhere, 'kept');
    const observed = new Observed(root, { method: 'reread', journal });
    refused(root, journal, 'ERR_SLUICE_BUSY', /kept by another/);
    await observed.observation[Symbol.asyncDispose]();
    await using _ = observe(root, { method: 'reread', journal });
  });

  it('of other folders', async () => {
    const journal = join(elsewhere, 'of-others');
    await observe(folder(), { method: 'reread', journal })[Symbol.asyncDispose]();
    refused(root, journal, 'ERR_SLUICE_OPTION', /is of other folders/);
  });

  it('that lies in the folders', () => {
    refused(root, join(root, 'journal'), 'ERR_SLUICE_OPTION', /lies in the folders/);
  });

  it('that is something else, which is left as it is', () => {
    const journal = join(elsewhere, 'letter');
    writeFileSync(journal, 'Dear Sir or Madam');
    refused(root, journal, 'ERR_SLUICE_OPTION', /is no journal/);
    expect(readFileSync(journal, 'utf8')).toBe('Dear Sir or Madam');
  });

  it('that others may write to', () => {
    const journal = join(elsewhere, 'open-to-all');
    writeFileSync(journal, '');
    chmodSync(journal, 0o666);
    refused(root, journal, 'ERR_SLUICE_OPTION', /this user alone/);
  });

  it.each([
    ['a link', (path: string) => symlinkSync('target', path), /is a symbolic link/],
    ['a folder', (path: string) => mkdirSync(path), /is a directory/],
    ['a FIFO', (path: string) => execFileSync('mkfifo', [path]), /this user alone/],
  ])('that is %s', (name, make, reason) => {
    const journal = join(elsewhere, name);
    make(journal);
    refused(root, journal, 'ERR_SLUICE_OPTION', reason);
  });

  it('whose folder is not there', () => {
    refused(root, join(elsewhere, 'missing', 'journal'), 'ERR_SLUICE_OPTION', /can't be kept/);
  });
});

it('a journal is for its user alone, and is not inherited by programs', async () => {
  const journal = join(folder(), 'journal');
  await using _ = observe(folder(), { method: 'reread', journal });
  expect(statSync(journal).mode & 0o777).toBe(0o600);
  expect(execFileSync('sh', ['-c', 'ls -l /proc/self/fd'], { encoding: 'utf8' })).not.toContain(journal);
});

/** Observes, and is killed while it has files under way that nobody will close before. */
async function killed(root: string, journal: string): Promise<string[]> {
  const args = ['--method', 'reread', '--profile', 'storm', '--json', '--journal', journal, root];
  const { child, ended } = await start(...args);
  const lines = linesOf(child.stdout);
  const paths = ['a', 'b', 'c'].map((name) => join(root, name));
  const open = paths.map((path) => openSync(path, 'w'));
  for (const fd of open) writeSync(fd, `written ${fd}`);
  // Closed once, so that they are under way, but others have them open still.
  for (const path of paths) closeSync(openSync(path, 'r+'));
  writeFileSync(join(root, 'told'), '');
  await lines.next();
  child.kill('SIGKILL');
  await ended;
  for (const fd of open) closeSync(fd);
  return paths;
}

it.each([
  ['whose end is torn', (journal: string) => truncateSync(journal, statSync(journal).size - 3)],
  ['that ends in rubbish', (journal: string) => appendFileSync(journal, Buffer.alloc(10_000, 7))],
])('a journal %s is gone on with', async (_, spoil) => {
  const root = folder();
  const journal = join(folder(), 'journal');
  const paths = await killed(root, journal);
  spoil(journal);
  for (let n = 0; n < 2; n++) {
    const observed = new Observed(root, { method: 'reread', profiles: ['storm'], journal });
    for (const path of paths) await expect.poll(() => keptAdler(path)).toBe(adlerOf(path));
    await observed.observation[Symbol.asyncDispose]();
  }
});

it('a file that is under way for as long as two observations is found by the third', async () => {
  const root = folder();
  const journal = join(folder(), 'journal');
  const path = join(root, 'zzz');
  const held = openSync(path, 'w');
  writeSync(held, 'held');
  for (const round of ['first', 'second']) {
    const observed = new Observed(root, { method: 'reread', journal });
    if (round === 'first') closeSync(openSync(path, 'r+'));
    await expect.poll(() => observed.observation.stats.busy).toBe(1);
    await observed.settled((other) => writeFileSync(other, ''), join(root, round));
    await observed.observation[Symbol.asyncDispose]();
  }
  closeSync(held);
  const third = new Observed(root, { method: 'reread', journal });
  await third.settled((other) => writeFileSync(other, ''), join(root, 'third'));
  expect(await third.value(path)).toMatchObject({ why: 'found', bytes: 4 });
});

it('a journal does not grow with the files that were done with', async () => {
  const root = folder();
  const journal = join(folder(), 'journal');
  const observed = new Observed(root, { method: 'reread', journal });
  let largest = 0;
  for (let n = 1; n <= 8000; n++) {
    writeFileSync(join(root, `${n}`), '');
    if (n % 500 !== 0) continue;
    await observed.value(join(root, `${n}`));
    largest = Math.max(largest, statSync(journal).size);
  }
  // Each file takes two records of forty bytes; a quarter of a megabyte is written anew behind as much of the old.
  expect(largest).toBeGreaterThan(200_000);
  expect(largest).toBeLessThan(600_000);
});

it('a journal for which there is no room is told of, and is kept again when there is', async () => {
  const root = folder();
  const small = folder();
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8k', 'none', small]);
  onTestFinished(() => void execFileSync('umount', ['-l', small]));
  const args = ['--method', 'reread', '--profile', 'storm', '--json', '--journal', join(small, 'j'), root];
  const { child, ended } = await start(...args);
  const lines = linesOf(child.stdout);
  const paths = Array.from({ length: 300 }, (_, n) => join(root, `file-${n}`));
  // Others have them open, so that all of them stay under way.
  const open = paths.map((path) => openSync(path, 'w'));
  for (const path of paths) closeSync(openSync(path, 'r+'));
  let event = JSON.parse((await lines.next()).value);
  while (event.type !== 'lost') event = JSON.parse((await lines.next()).value);
  expect(event).toMatchObject({ type: 'lost', what: 'journal', error: { code: 'ERR_SLUICE_NO_SPACE' } });
  for (const [n, fd] of open.entries()) {
    writeSync(fd, `content ${n}`);
    closeSync(fd);
  }
  for (const path of paths) await expect.poll(() => keptAdler(path)).toBe(adlerOf(path));
  child.kill('SIGTERM');
  await ended;
  const observed = new Observed(root, { method: 'reread', profiles: ['storm'], journal: join(small, 'j') });
  await observed.settled((path) => writeFileSync(path, ''), join(root, 'zzz'));
  for (const path of paths) expect(await keptAdler(path)).toBe(adlerOf(path));
});
