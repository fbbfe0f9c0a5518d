import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { moveFile, removeFile } from '../../../lib/files/staging/named-file.js';
import { StagedFile } from '../../../lib/files/staging/staged-file.js';
import { openDescriptors, temporaryFolder } from '../../helpers/files.js';
import { needs } from '../../helpers/needs.js';
import { mounted } from './mounts.js';

needs('bindfs');

const base = temporaryFolder();
/** bindfs knows no flags of rename. */
const kinds = { ext4: base, bindfs: mounted(base, 'bindfs') };

let folder: string;
let path: string;
let to: string;
let descriptors: string[];
let names = 0;

function fresh(top: string): void {
  folder = join(top, `at-${names++}`);
  path = join(folder, 'file');
  to = join(folder, 'to');
  mkdirSync(folder);
  writeFileSync(path, 'old');
  descriptors = openDescriptors();
}

const now = (path: string) => statSync(path, { bigint: true });
const content = (path: string) => readFileSync(path, 'utf8');

const changes: [string, () => void, string[]][] = [
  ['written to', () => appendFileSync(path, '!'), ['file']],
  [
    'replaced',
    () => {
      writeFileSync(`${path}2`, 'new');
      renameSync(`${path}2`, path);
    },
    ['file'],
  ],
  ['removed', () => rmSync(path), []],
];

describe.each(Object.entries(kinds))('on %s', (_, top) => {
  beforeEach(() => fresh(top));
  afterEach(() => expect(openDescriptors()).toEqual(descriptors));

  test('a file is removed, if it is the one expected', async () => {
    await removeFile(path, { expected: now(path) });
    expect(readdirSync(folder)).toEqual([]);
    await expect(removeFile(path)).rejects.toMatchObject({ code: 'ERR_SLUICE_NOT_FOUND' });
    writeFileSync(path, 'other');
    await removeFile({ root: top, path: path.slice(top.length) });
    expect(readdirSync(folder)).toEqual([]);
  });

  test.each(changes)('a file that was %s is neither removed nor moved', async (_, change, left) => {
    const expected = now(path);
    change();
    const refused = { code: 'ERR_SLUICE_PRECONDITION' };
    await expect(removeFile(path, { expected })).rejects.toMatchObject(refused);
    await expect(moveFile(path, to, { expected })).rejects.toMatchObject(refused);
    writeFileSync(to, 'stays');
    await expect(moveFile(to, path, { replace: expected })).rejects.toMatchObject(refused);
    expect(content(to)).toBe('stays');
    expect(readdirSync(folder).sort()).toEqual([...left, 'to']);
  });

  test('a file is moved to a name that is free', async () => {
    await moveFile(path, to, { expected: now(path) });
    expect(readdirSync(folder)).toEqual(['to']);
    writeFileSync(path, 'second');
    await expect(moveFile(path, to)).rejects.toMatchObject({
      code: 'ERR_SLUICE_PRECONDITION',
      message: expect.stringContaining(`${to} exists already`),
    });
    expect([content(path), content(to)]).toEqual(['second', 'old']);
  });

  test('a file is moved over any, or the one expected', async () => {
    writeFileSync(to, 'first');
    await moveFile(path, to, { replace: 'any' });
    expect(content(to)).toBe('old');
    writeFileSync(path, 'third');
    await moveFile(path, to, { expected: now(path), replace: now(to) });
    expect(content(to)).toBe('third');
    expect(readdirSync(folder)).toEqual(['to']);
  });

  test('a folder is moved, whatever is put into it, but to no name that is taken', async () => {
    const [one, two] = ['one', 'two'].map((name) => join(folder, name)) as [string, string];
    for (const each of [one, two]) mkdirSync(each);
    const expected = now(one);
    writeFileSync(join(one, 'inside'), 'x');
    const taken = { code: 'ERR_SLUICE_PRECONDITION' };
    await expect(moveFile(one, two, { expected })).rejects.toMatchObject(taken);
    await moveFile(one, to, { expected });
    expect(readdirSync(to)).toEqual(['inside']);
    await expect(removeFile(two, { expected: now(two) })).rejects.toMatchObject({
      code: 'ERR_SLUICE_IS_DIRECTORY',
    });
    await expect(removeFile(two)).rejects.toMatchObject({ code: 'ERR_SLUICE_IS_DIRECTORY' });
  });

  test('an upload and a removal of the old version at once leave the upload', async () => {
    for (let round = 0; round < 30; round++) {
      writeFileSync(path, 'old');
      const expected = now(path);
      const file = await StagedFile.create(path);
      writeSync(file.fd, `new ${round}`);
      const [removed] = await Promise.allSettled([removeFile(path, { expected }), file.publish()]);
      if (removed.status === 'rejected')
        expect(removed.reason).toMatchObject({ code: 'ERR_SLUICE_PRECONDITION' });
      expect(content(path)).toBe(`new ${round}`);
    }
  });
});

describe('names', () => {
  beforeEach(() => fresh(base));

  test.each([
    ['../outside', 'ERR_SLUICE_OUTSIDE'],
    ['link/file', 'ERR_SLUICE_OUTSIDE'],
    ['missing/file', 'ERR_SLUICE_NOT_FOUND', 'ERR_SLUICE_NO_FOLDER'],
    ['.sluice-0', 'ERR_SLUICE_RESERVED'],
    ['.', 'ERR_SLUICE_IS_DIRECTORY'],
  ])('%s beneath a root is refused', async (name, code, toIt = code) => {
    symlinkSync(base, join(folder, 'link'));
    const place = { root: folder, path: name };
    await expect(removeFile(place)).rejects.toMatchObject({ code });
    await expect(moveFile(place, to)).rejects.toMatchObject({ code });
    await expect(moveFile(path, place)).rejects.toMatchObject({ code: toIt });
    expect(content(path)).toBe('old');
  });

  test('that something is mounted on are neither given away nor taken, and said to be mounted on', async () => {
    writeFileSync(to, 'below');
    execFileSync('mount', ['--bind', path, to]);
    onTestFinished(() => void execFileSync('umount', [to]));
    const refused = (names: string) => ({
      code: 'ERR_SLUICE_NOT_A_FILE',
      errno: 16,
      reason: expect.stringContaining(`Something is mounted on ${names}, or`),
      remedy: 'Unmount it, or choose another name.',
    });
    await expect(removeFile(to)).rejects.toMatchObject(refused(to));
    await expect(moveFile(to, `${to}2`)).rejects.toMatchObject(refused(`${to} or ${to}2`));
    await expect(moveFile(path, to, { replace: 'any' })).rejects.toMatchObject(refused(`${path} or ${to}`));
    const file = await StagedFile.create(to);
    await expect(file.publish()).rejects.toMatchObject(refused(to));
    expect(content(path)).toBe('old');
  });

  test('of another file system are none to move to', async () => {
    await expect(moveFile(path, join(kinds.bindfs, 'elsewhere'))).rejects.toMatchObject({
      code: 'ERR_SLUICE_UNSUPPORTED',
    });
    expect(content(path)).toBe('old');
  });

  test.each([
    () => removeFile(path, { expected: { dev: 1n } as never }),
    () => removeFile(path, { expect: now(path) } as never),
    () => moveFile(path, to, { replace: 'all' as never }),
    () => moveFile(path, to, { replace: statSync(path) as never }),
  ])('%s: options that are wrong change nothing', async (call) => {
    await expect(call()).rejects.toMatchObject({ code: 'ERR_SLUICE_OPTION' });
    expect(content(path)).toBe('old');
  });

  test('are moved to and fro between two folders by many at once', async () => {
    const other = join(base, `other-${names++}`);
    mkdirSync(other);
    const both = [folder, other];
    for (let i = 0; i < 8; i++) writeFileSync(join(both[i % 2] as string, `${i}`), `${i}`);
    const swing = async (i: number) => {
      for (let round = 0; round < 40; round++) {
        const [a, b] = [both[(i + round) % 2], both[(i + round + 1) % 2]] as [string, string];
        await moveFile(join(a, `${i}`), join(b, `${i}`), { expected: now(join(a, `${i}`)) });
      }
    };
    await Promise.all(Array.from({ length: 8 }, (_, i) => swing(i)));
    expect(readdirSync(other).sort()).toEqual(['1', '3', '5', '7']);
  });
});
