/** CRCs summed in the hook: a file has a stream of its own, from its first byte to its last. */

import { randomBytes } from 'node:crypto';
import {
  appendFileSync,
  closeSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ObservePrograms } from '../../lib/engine/taps/observe-programs.js';
import { type AlgorithmName, algorithms } from '../../lib/index.js';
import { reference } from '../helpers/reference.js';
import { finish, kernelDev, streamValue, viewOf } from './kernel-view.js';
import { type Setting, settings } from './places.js';

const content = randomBytes(300_001);

let names = 0;
let folder: string;
let programs: ObservePrograms;
let path: string;

function attach({ hooks, fileSystem, make }: Setting, summed: readonly AlgorithmName[]): void {
  folder = make();
  programs = new ObservePrograms({ hooks, fileSystems: [fileSystem], method: 'hook', algorithms: summed });
  programs.watch(kernelDev(folder), [BigInt(statSync(folder).ino)]);
}

function detach({ remove }: Setting): void {
  programs?.close();
  remove(folder);
}

beforeEach(() => {
  path = join(folder, `file-${names++}`);
});

function write(bytes: Uint8Array, pieces: number): void {
  const fd = openSync(path, 'w');
  const step = Math.ceil(bytes.length / pieces);
  for (let at = 0; at < bytes.length; at += step) writeSync(fd, bytes.subarray(at, at + step));
  closeSync(fd);
}

const sets = [...algorithms.slice(1).map((name) => [name]), ['adler32', 'crc32c'], [...algorithms]] as const;

const each = settings.flatMap((setting) =>
  sets.map((set) => ({ ...setting, set: set as readonly AlgorithmName[] })),
);

describe.each(each)('$set of a file, on $place, by $hooks,', ({ set, ...setting }) => {
  beforeAll(() => attach(setting, set));
  afterAll(() => detach(setting));

  it.each([1, 2, 77])('that is written in %i pieces is right', (pieces) => {
    write(content, pieces);
    expect(viewOf(programs, path)).toMatchObject({ why: [], runs: [{ start: 0, end: content.length }] });
    for (const name of set) expect(streamValue(programs, name)).toBe(reference(name, content));
  });

  it('that is written twice at the same time as others is right', () => {
    const others = Array.from({ length: 20 }, (_, i) => openSync(`${path}-${i}`, 'w'));
    for (let at = 0; at < content.length; at += 10_000) {
      for (const fd of others) writeSync(fd, content.subarray(at, at + 10_000));
    }
    for (const fd of others) closeSync(fd);
    for (const i of others.keys()) {
      expect(viewOf(programs, `${path}-${i}`).why).toEqual([]);
      for (const name of set) expect(streamValue(programs, name)).toBe(reference(name, content));
    }
    write(content.subarray(7), 3);
    expect(viewOf(programs, path).why).toEqual([]);
    write(content.subarray(9), 3);
    expect(viewOf(programs, path).why).toEqual([]);
    for (const name of set) expect(streamValue(programs, name)).toBe(reference(name, content.subarray(9)));
  });
});

describe.each(settings)('a stream, on $place, by $hooks,', (setting) => {
  beforeAll(() => attach(setting, ['crc32c']));
  afterAll(() => detach(setting));
  afterEach(() => {
    for (const file of readdirSync(folder)) rmSync(join(folder, file));
  });

  it('has one direction: a write that begins elsewhere makes the file one to read', () => {
    write(content, 1);
    const fd = openSync(path, 'r+');
    writeSync(fd, content, 0, 1000, 5000);
    closeSync(fd);
    expect(viewOf(programs, path).why).toEqual(['stream']);
  });

  it('does not begin in the middle of a file', () => {
    const fd = openSync(path, 'w');
    writeSync(fd, content, 0, 1000, 5000);
    writeSync(fd, content, 0, 5000, 0);
    closeSync(fd);
    expect(viewOf(programs, path).why).toEqual(['stream']);
  });

  it('ends when its value is stored: what is appended later has to be read', () => {
    write(content, 1);
    const fd = openSync(path, 'r');
    const { sequence } = finish(programs, fd);
    expect(finish(programs, fd, 'stored', sequence).found).toBe('entry');
    closeSync(fd);
    appendFileSync(path, content);
    expect(viewOf(programs, path).why).toEqual(['stream']);
  });

  it('is there for 256 files at a time, and for others when theirs are forgotten', () => {
    const files = Array.from({ length: 257 }, (_, i) => `${path}-${i}`);
    for (const file of files) writeFileSync(file, content.subarray(0, 5000));
    const views = files.map((file) => viewOf(programs, file));
    expect(views.slice(0, 256).flatMap(({ why }) => why)).toEqual([]);
    expect(views[256]?.why).toEqual(['stream']);
    const fd = openSync(files[0] as string, 'r');
    finish(programs, fd, 'forget');
    closeSync(fd);
    writeFileSync(path, content);
    expect(viewOf(programs, path).why).toEqual([]);
    expect(streamValue(programs, 'crc32c')).toBe(reference('crc32c', content));
  });
});
