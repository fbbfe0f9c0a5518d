/** What user space asks of the programs, and is told without asking: `finish`, `control` and the notes. */

import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  renameSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { ObservePrograms } from '../../lib/engine/taps/observe-programs.js';
import { needs } from '../helpers/needs.js';
import { control, finish, judge, kernelDev, type Method, Notes, type View, viewOf } from './kernel-view.js';
import { type Setting, settings } from './places.js';

needs('mkfs.ext4');

const size = 200_000;
const content = Buffer.alloc(size, 'some bytes of a file');

/** Programs for all tests of a group, each of which has a folder of its own, which is empty. */
function observedIn({ hooks, fileSystem, ...place }: Setting, method: Method) {
  const observed = {} as { programs: ObservePrograms; notes: Notes; tree: string };
  let base: string;
  beforeAll(() => {
    base = place.make();
    observed.programs = new ObservePrograms({
      hooks,
      fileSystems: [fileSystem],
      method,
      algorithms: ['adler32'],
    });
    observed.notes = new Notes(observed.programs);
  });
  beforeEach(async () => {
    observed.tree = mkdtempSync(join(base, 'tree-'));
    observed.programs.watch(kernelDev(base), [BigInt(statSync(observed.tree).ino)]);
    await observed.notes.drain();
    observed.notes.all.length = 0;
  });
  afterAll(() => {
    observed.notes?.close();
    observed.programs?.close();
    if (base) place.remove(base);
  });
  return observed;
}

describe.each(settings)('a file of a tree, on $place, by $hooks,', (setting) => {
  const { fileSystem } = setting;
  const observed = observedIn(setting, 'hook');
  let programs: ObservePrograms;
  let notes: Notes;
  let tree: string;
  let path: string;
  beforeEach(() => {
    ({ programs, notes, tree } = observed);
    path = join(tree, 'file');
  });

  const view = () => viewOf(programs, path);
  const ask = (asked: 'stored' | 'forget' | 'adopt', sequence?: bigint): View => {
    const fd = openSync(path, 'r');
    try {
      return finish(programs, fd, asked, sequence);
    } finally {
      closeSync(fd);
    }
  };
  const changed = async () => (await notes.drain()).filter(({ kind }) => kind === 'changed');

  it('is known by its handle, and by who wrote it', () => {
    writeFileSync(path, content);
    const { found, ino, dev, size: known, comm, tgid } = view();
    expect({ found, ino, dev, known, tgid }).toEqual({
      found: 'entry',
      ino: BigInt(statSync(path).ino),
      dev: kernelDev(tree),
      known: size,
      tgid: process.pid,
    });
    expect(comm).not.toBe('');
  });

  it('is seen in a folder of a folder', () => {
    path = join(tree, 'a', 'b', 'c', 'file');
    mkdirSync(join(tree, 'a', 'b', 'c'), { recursive: true });
    writeFileSync(path, content);
    expect(view().found).toBe('entry');
  });

  it('is not seen outside of it, until its folder is moved in', () => {
    mkdirSync(`${tree}-beside`);
    path = join(`${tree}-beside`, 'file');
    writeFileSync(path, content);
    expect(view().found).toBe('nothing');

    renameSync(`${tree}-beside`, join(tree, 'moved'));
    path = join(tree, 'moved', 'file');
    appendFileSync(path, content);
    expect(view().found).toBe('nothing');
    control(programs, 'moved');
    appendFileSync(path, content);
    expect(view().found).toBe('entry');
  });

  it('has the same sequence as long as nothing changes', () => {
    writeFileSync(path, content);
    const { sequence } = view();
    expect(view().sequence).toBe(sequence);
    appendFileSync(path, '.');
    expect(view().sequence).not.toBe(sequence);
  });

  const firstChanges: Record<string, () => unknown> = {
    'a write': () => appendFileSync(path, '.'),
    'a truncation': () => truncateSync(path, 100),
    growth: () => truncateSync(path, size + 1),
    'being emptied': () => truncateSync(path, 0),
    'a punched hole': () => execFileSync('fallocate', ['--punch-hole', '-o', '0', '-l', '4096', path]),
  };
  const direct = ['if=/dev/zero', 'bs=4096', 'count=1', 'oflag=direct', 'conv=notrunc'];
  // A tmpfs has no device.
  if (fileSystem !== 'tmpfs')
    firstChanges['a direct write'] = () => execFileSync('dd', [`of=${path}`, ...direct], { stdio: 'ignore' });

  it.each(Object.entries(firstChanges))('whose value is stored is told of at %s, once', async (_, act) => {
    writeFileSync(path, content);
    const { sequence, number } = view();
    expect(ask('stored', sequence).found).toBe('entry');
    expect(view()).toMatchObject({ stored: true, sequence });
    expect(await changed()).toEqual([]);

    act();
    const told = await changed();
    expect(told).toHaveLength(1);
    appendFileSync(path, '.');
    expect(await changed()).toHaveLength(1);
    expect(told[0]).toMatchObject({ ino: BigInt(statSync(path).ino), number });
    expect(view().stored).toBe(false);
  });

  it('is not taken for stored if it changed since', async () => {
    writeFileSync(path, content);
    const { sequence } = view();
    appendFileSync(path, '.');
    expect(ask('stored', sequence).found).toBe('moved');
    expect(view().stored).toBe(false);
    appendFileSync(path, '.');
    expect(await changed()).toEqual([]);
  });

  it('is told of at its first change if it holds something that was not seen', async () => {
    writeFileSync(path, content);
    const { sequence } = view();
    expect(ask('forget', sequence).found).toBe('entry');
    expect(view().found).toBe('nothing');

    appendFileSync(path, '.');
    appendFileSync(path, '.');
    expect(await changed()).toMatchObject([{ ino: BigInt(statSync(path).ino), number: 0n }]);
    expect(judge(view(), notes.all, path)).toBe('gaps');
  });

  // By tracepoints, a file without an entry that is made longer is not seen.
  if (setting.hooks !== 'raw_tp')
    it('is told of when it is made longer if it was empty and had not been seen', async () => {
      writeFileSync(path, '');
      expect(view().found).toBe('nothing');
      truncateSync(path, 4);
      expect(await changed()).toMatchObject([{ ino: BigInt(statSync(path).ino) }]);
    });

  it('is not forgotten if it changed since', () => {
    writeFileSync(path, content);
    const { sequence } = view();
    appendFileSync(path, '.');
    expect(ask('forget', sequence).found).toBe('moved');
    expect(view().found).toBe('entry');
  });

  it('that nobody saw is watched from when user space asks for it', async () => {
    path = `${tree}-outside`;
    writeFileSync(path, content);
    expect(view().found).toBe('nothing');
    expect(ask('adopt')).toMatchObject({ found: 'entry', why: ['adopted'] });
    const { sequence } = view();
    expect(ask('stored', sequence).found).toBe('entry');
    appendFileSync(path, '.');
    expect(await changed()).toHaveLength(1);
  });

  it('gets another number with each life', () => {
    writeFileSync(path, content);
    const { number } = view();
    appendFileSync(path, content);
    expect(view().number).toBe(number);
    writeFileSync(path, content);
    expect(view().number).toBeGreaterThan(number);
    expect(judge(view(), notes.all, path)).toBe('value');
  });

  it('is not believed if a program was left out since it began', () => {
    writeFileSync(path, content);
    control(programs, 'missed');
    expect(view().why).toEqual(['missed']);
    writeFileSync(path, content);
    expect(judge(view(), notes.all, path)).toBe('value');
  });

  // A tmpfs that is unmounted is gone for good.
  if (fileSystem !== 'tmpfs')
    it('is forgotten with the file system that it is on', () => {
      const disk = join(tree, 'disk');
      mkdirSync(disk);
      execFileSync('truncate', ['-s', '300M', `${disk}.img`]);
      execFileSync(`mkfs.${fileSystem}`, ['-q', `${disk}.img`]);
      const mount = () => execFileSync('mount', ['-o', 'loop', `${disk}.img`, disk]);
      mount();
      onTestFinished(() => void execFileSync('umount', [disk]));
      programs.watch(kernelDev(disk), []);
      path = join(disk, 'file');
      writeFileSync(path, content);
      expect(view().found).toBe('entry');
      execFileSync('umount', [disk]);
      mount();
      programs.watch(kernelDev(disk), []);
      expect(view().found).toBe('nothing');
    });
});

describe.each(settings)('behind a writer, on $place, by $hooks,', (setting) => {
  const observed = observedIn(setting, 'follow');

  it('ranges are noted as they can be read, each with its place in the order', async () => {
    const { programs, notes, tree } = observed;
    const path = join(tree, 'file');
    const piece = Buffer.alloc(100_000, 'piece');
    const fd = openSync(path, 'w');
    for (let i = 0; i < 50; i++) {
      writeSync(fd, piece);
      for (const { run } of await notes.drain()) expect(run.end).toBeLessThanOrEqual(statSync(path).size);
    }
    closeSync(fd);
    const view = viewOf(programs, path);
    expect(notes.all.map(({ kind, order, number }) => [kind, order, number])).toEqual(
      notes.all.map((_, i) => ['range', i, view.number]),
    );
    expect(notes.all).toHaveLength(4);
    expect(judge(view, notes.all, path)).toBe('value');
  });
});
