/** What there is room for: the entries of an owner, the notes of a ring, the pieces of a file. */

import {
  appendFileSync,
  chmodSync,
  chownSync,
  closeSync,
  mkdirSync,
  openSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { ObservePrograms, type ObserveProgramsOptions } from '../../lib/engine/taps/observe-programs.js';
import { temporaryFolder } from '../helpers/files.js';
import { control, finish, judge, kernelDev, Notes, viewOf } from './kernel-view.js';
import { Observed } from './observing.js';

const base = temporaryFolder();
chmodSync(base, 0o755);

let folders = 0;
let tree: string;
beforeEach(() => {
  tree = join(base, String(folders++));
  mkdirSync(tree);
});

function observed(method: ObserveProgramsOptions['method']) {
  const programs = new ObservePrograms({
    hooks: 'raw_tp',
    fileSystems: ['ext4'],
    method,
    algorithms: ['adler32'],
  });
  onTestFinished(() => programs.close());
  programs.watch(kernelDev(tree), [BigInt(statSync(tree).ino)]);
  return programs;
}

/** Writes a file in more pieces than a ring has room for. */
function writePieces(path: string): void {
  const fd = openSync(path, 'w');
  for (let at = 20_000; at > 0; at--) writeSync(fd, '..', 2 * at);
  closeSync(fd);
}

it('a file that is written in more pieces than the ring has room for is one to read', () => {
  const programs = observed('hook');
  const path = join(tree, 'file');
  writePieces(path);
  expect(viewOf(programs, path).why).toEqual(['lost']);
});

it('a full ring leaves the rest of a file to be read at the end', async () => {
  const programs = observed('follow');
  const notes = new Notes(programs);
  onTestFinished(() => notes.close());
  writePieces(join(tree, 'pieces'));
  const path = join(tree, 'file');
  for (let i = 0; i < 10; i++) appendFileSync(path, Buffer.alloc(1 << 20, i));
  const view = viewOf(programs, path);
  expect(view.notes).toBe(0);
  expect(judge(view, await notes.drain(), path)).toBe('value');
});

const changesOf = async (notes: Notes, path: string) =>
  (await notes.drain()).filter(({ kind, ino }) => kind === 'changed' && ino === BigInt(statSync(path).ino));

it.each([
  ['emptied', (path: string) => truncateSync(path, 0)],
  ['shortened', (path: string) => truncateSync(path, 1)],
  ['appended to', (path: string) => appendFileSync(path, '.')],
])(
  'a file with a value that is %s when the ring has no room for a note is told of at its next change',
  async (_, change) => {
    const programs = observed('hook');
    const notes = new Notes(programs);
    onTestFinished(() => notes.close());
    const [path, unseen] = [join(tree, 'file'), join(tree, 'unseen')];
    for (const each of [path, unseen]) writeFileSync(each, 'content');
    const fd = openSync(path, 'r');
    finish(programs, fd, 'stored', finish(programs, fd).sequence);
    closeSync(fd);
    const other = openSync(unseen, 'r');
    finish(programs, other, 'forget');
    closeSync(other);
    writePieces(join(tree, 'pieces'));
    expect(control(programs, 'untold')).toBe(false);
    for (const each of [path, unseen]) {
      change(each);
      expect(control(programs, 'untold')).toBe(true);
      expect(control(programs, 'untold')).toBe(false);
    }
    expect(await changesOf(notes, path)).toHaveLength(0);
    for (const each of [path, unseen]) {
      appendFileSync(each, '.');
      expect(await changesOf(notes, each)).toHaveLength(1);
      appendFileSync(each, '.');
      expect(await changesOf(notes, each)).toHaveLength(1);
    }
    expect(control(programs, 'untold')).toBe(false);
  },
);

it('a file has room beside those of a user who has more than his share', async () => {
  const programs = observed('hook');
  const notes = new Notes(programs);
  onTestFinished(() => notes.close());
  const user = 12_345;
  const his = (name: number) => join(tree, 'his', String(name));
  mkdirSync(join(tree, 'his'));
  chownSync(join(tree, 'his'), user, user);
  process.seteuid?.(user);
  try {
    for (let i = 0; i <= 32_768; i++) writeFileSync(his(i), '.');
  } finally {
    process.seteuid?.(0);
  }
  expect(viewOf(programs, his(32_767)).found).toBe('entry');
  expect(viewOf(programs, his(32_768)).found).toBe('nothing');
  // No close follows, after which it would be read.
  truncateSync(his(32_768), 0);
  expect(await changesOf(notes, his(32_768))).toHaveLength(1);
  const path = join(tree, 'file');
  writeFileSync(path, '.');
  expect(viewOf(programs, path).found).toBe('entry');
  // A file that is forgotten leaves its place to another.
  const fd = openSync(his(0), 'r');
  finish(programs, fd, 'forget');
  closeSync(fd);
  appendFileSync(his(32_768), '.');
  expect(viewOf(programs, his(32_768)).found).toBe('entry');
});

it('a file has room in the ring beside those of a user who fills his share of it', async () => {
  const programs = observed('hook');
  const notes = new Notes(programs);
  onTestFinished(() => notes.close());
  const user = 12_345;
  mkdirSync(join(tree, 'his'));
  chownSync(join(tree, 'his'), user, user);
  process.seteuid?.(user);
  try {
    for (let i = 0; i < 3; i++) writePieces(join(tree, 'his', String(i)));
  } finally {
    process.seteuid?.(0);
  }
  const path = join(tree, 'file');
  const fd = openSync(path, 'w');
  for (let at = 3000; at >= 0; at--) writeSync(fd, '..', 2 * at);
  closeSync(fd);
  const view = viewOf(programs, path);
  expect(view.notes).toBeGreaterThan(2900);
  expect(judge(view, await notes.drain(), path)).toBe('value');
});

it('of files in very many pieces the last ones are followed, and those in few all the time', async () => {
  const observed = new Observed(tree, { method: 'follow' });
  const { observation } = observed;
  const files: number[] = [];
  const open = (name: string) => {
    files.push(openSync(join(tree, name), 'w'));
    return files.at(-1) as number;
  };
  /** Leaves some in the kernel, which are read at the end. */
  const write = async (fd: number, from: number, step: number, count: number) => {
    const before = observation.stats.bytesFollowed;
    for (let n = 0; n < count; n++) writeSync(fd, '.', from + n * step);
    while (observation.stats.bytesFollowed < before + count - 4) await setImmediate();
  };
  const [pieces, others] = [1000, 300];
  const [first, whole] = [open('first'), open('whole')];
  await write(first, 0, 2, pieces);
  writeSync(whole, 'one piece, ');
  for (let n = 0; n < others; n++) await write(open(String(n)), 0, 2, pieces);
  writeSync(whole, 'and its end');
  for (let n = 0; n < pieces; n++) writeSync(first, '.', 1 + n * 2);
  await write(files.at(-1) as number, 1, 2, pieces);
  for (const fd of files) closeSync(fd);
  expect(await observed.value(join(tree, 'first'))).toMatchObject({ origin: 'reread', reason: 'unfollowed' });
  expect(await observed.value(join(tree, String(others - 1)))).toMatchObject({ origin: 'follow' });
  expect(await observed.value(join(tree, 'whole'))).toMatchObject({ origin: 'follow' });
});
