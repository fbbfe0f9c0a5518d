import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { keepPermissions, openToKeep } from '../../../lib/files/staging/keep-attributes.js';
import { type Destination, StagedFile } from '../../../lib/files/staging/staged-file.js';
import { openDescriptors, temporaryFolder } from '../../helpers/files.js';
import { needs } from '../../helpers/needs.js';
import { start } from '../../helpers/program.js';
import { mounted } from './mounts.js';

needs('bindfs', 'getfattr', 'setfattr', 'setfacl', 'getfacl', 'mkfs.ext4');

const base = temporaryFolder();
/** bindfs has neither O_TMPFILE nor flags of rename: there the file has a name from the start. */
const kinds = { unnamed: base, named: mounted(base, 'bindfs') };

async function staged(destination: Destination, content: string): Promise<StagedFile> {
  const file = await StagedFile.create(destination);
  writeSync(file.fd, content);
  return file;
}

describe.each(Object.entries(kinds))('%s', (kind, top) => {
  let folder: string;
  let descriptors: string[];
  beforeEach(() => {
    folder = join(top, `at-${Math.random()}`);
    mkdirSync(folder);
    descriptors = openDescriptors();
  });
  afterEach(() => {
    expect(openDescriptors()).toEqual(descriptors);
    expect(readdirSync(folder).filter((name) => name.startsWith('.sluice-'))).toEqual([]);
  });

  test('a file appears whole, or not at all', async () => {
    const path = join(folder, 'new');
    {
      await using _ = await staged(path, 'never seen');
      expect(readdirSync(folder)).toHaveLength(kind === 'named' ? 1 : 0);
    }
    expect(readdirSync(folder)).toEqual([]);
    const file = await staged(path, 'seen');
    expect(file.existing).toBeUndefined();
    const { ino, size, mtimeNs } = await file.publish();
    expect(readdirSync(folder)).toEqual(['new']);
    expect(readFileSync(path, 'utf8')).toBe('seen');
    const stats = statSync(path, { bigint: true });
    expect({ ino, size, mtimeNs }).toEqual({ ino: stats.ino, size: stats.size, mtimeNs: stats.mtimeNs });
  });

  test('a file takes the place of what is there, unless its condition forbids it', async () => {
    const path = join(folder, 'file');
    writeFileSync(path, 'one');
    const inode = statSync(path, { bigint: true }).ino;
    const two = await staged(path, 'two');
    expect(two.existing).toMatchObject({ ino: inode, size: 3n });
    await two.publish({ sync: true });
    expect(readFileSync(path, 'utf8')).toBe('two');
    const three = await staged(path, 'three');
    await expect(three.publish({ replace: 'nothing' })).rejects.toMatchObject({
      code: 'ERR_SLUICE_PRECONDITION',
    });
    expect(readFileSync(path, 'utf8')).toBe('two');
  });

  test('one of ten files that are published at once on the condition that there is none is there', async () => {
    const path = join(folder, 'file');
    const files = await Promise.all(Array.from({ length: 10 }, (_, i) => staged(path, `by ${i}`)));
    const outcomes = await Promise.allSettled(files.map((file) => file.publish({ replace: 'nothing' })));
    const won = outcomes.findIndex(({ status }) => status === 'fulfilled');
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(readFileSync(path, 'utf8')).toBe(`by ${won}`);
  });

  test('one of ten files that are published at once without a condition is told that it was the first', async () => {
    const path = join(folder, 'file');
    const files = await Promise.all(Array.from({ length: 10 }, (_, i) => staged(path, `by ${i}`)));
    const outcomes = await Promise.all(files.map((file) => file.publish()));
    expect(outcomes.filter(({ replaced }) => !replaced)).toHaveLength(1);
  });

  test('a file is published or discarded once', async () => {
    const file = await staged(join(folder, 'file'), 'x');
    await file.publish();
    expect(() => file.fd).toThrow('published or discarded');
    await expect(file.publish()).rejects.toMatchObject({ code: 'ERR_SLUICE_CLOSED' });
    await file.discard();
    expect(readdirSync(folder)).toEqual(['file']);
  });

  test('a process that exits leaves nothing', async () => {
    const program = start(new URL('programs/exiting.mjs', import.meta.url), [join(folder, 'file')]);
    expect(await program.ended).toEqual([3, null]);
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('only the file expected', () => {
  const folder = temporaryFolder();
  let names = 0;
  let path: string;
  beforeEach(() => {
    path = join(folder, String(names++), 'file');
    mkdirSync(join(path, '..'));
    writeFileSync(path, 'old');
  });

  test('is replaced', async () => {
    const file = await staged(path, 'new');
    await file.publish({ replace: 'existing' });
    expect(readFileSync(path, 'utf8')).toBe('new');
    expect(readdirSync(join(path, '..'))).toEqual(['file']);
  });

  test.each([
    ['written to', () => appendFileSync(path, '!'), 'old!'],
    [
      'replaced',
      () => {
        writeFileSync(`${path}2`, 'other');
        renameSync(`${path}2`, path);
      },
      'other',
    ],
    ['removed', () => rmSync(path), undefined],
  ])('stays when it was %s after the new one was staged', async (_, change, content) => {
    const file = await staged(path, 'new');
    change();
    utimesSync(join(path, '..'), 0, 0);
    await expect(file.publish({ replace: 'existing' })).rejects.toMatchObject({
      code: 'ERR_SLUICE_PRECONDITION',
    });
    // Not for a moment had another file the name.
    expect(statSync(join(path, '..')).mtimeMs).toBe(0);
    expect(readdirSync(join(path, '..'))).toEqual(content === undefined ? [] : ['file']);
    if (content !== undefined) expect(readFileSync(path, 'utf8')).toBe(content);
  });

  test('one of many wins each time, and the last to win is what stays', async () => {
    for (let round = 0; round < 20; round++) {
      const files = await Promise.all(Array.from({ length: 8 }, (_, i) => staged(path, `${round} ${i}`)));
      const outcomes = await Promise.allSettled(files.map((file) => file.publish({ replace: 'existing' })));
      const winners = outcomes.flatMap(({ status }, i) => (status === 'fulfilled' ? [i] : []));
      expect(winners).toHaveLength(1);
      expect(readFileSync(path, 'utf8')).toBe(`${round} ${winners[0]}`);
    }
    expect(readdirSync(join(path, '..'))).toEqual(['file']);
  });

  test('is refused where another process keeps the folder locked', async () => {
    const file = await staged(path, 'new');
    const holder = spawn('flock', [join(path, '..'), '-c', 'echo locked && read line'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    await once(holder.stdout, 'data');
    await expect(file.publish({ replace: 'existing' })).rejects.toMatchObject({ code: 'ERR_SLUICE_BUSY' });
    holder.stdin.end();
    await once(holder, 'close');
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(readdirSync(join(path, '..'))).toEqual(['file']);
  });

  test('needs a file system that can exchange names', async () => {
    const elsewhere = join(kinds.named, 'file');
    writeFileSync(elsewhere, 'old');
    const file = await staged(elsewhere, 'new');
    await expect(file.publish({ replace: 'existing' })).rejects.toMatchObject({
      code: 'ERR_SLUICE_UNSUPPORTED',
    });
    expect(readFileSync(elsewhere, 'utf8')).toBe('old');
    expect(readdirSync(kinds.named).filter((name) => name.startsWith('.sluice-'))).toEqual([]);
  });
});

describe('what is kept of the file replaced', () => {
  const folder = mounted(base, 'ext4');
  const attributesOf = (path: string) =>
    execFileSync('getfattr', ['-d', '-m', '-', '--absolute-names', path], { encoding: 'utf8' })
      .split('\n')
      .filter((line) => line.includes('='));

  async function replace(path: string): Promise<void> {
    const file = await staged(path, 'new');
    await using old = await openToKeep(file.existing?.fd ?? -1);
    await keepPermissions(old, file.fd);
    await file.publish({ keep: true });
    expect(readFileSync(path, 'utf8')).toBe('new');
  }

  test('are mode, owner, access list and properties, but no checksum and no set-user-ID', async () => {
    const path = join(folder, 'file');
    writeFileSync(path, 'old');
    chownSync(path, 1234, 2345);
    chmodSync(path, 0o4741);
    const set = (name: string, value: string) => execFileSync('setfattr', ['-n', name, '-v', value, path]);
    set('user.dead.property', 'kept');
    set('user.storm.checksum.adler32', '00000001');
    set('user.XrdCks.Human.ADLER32', '00000001');
    set('user.sluice', 'old');
    execFileSync('setfacl', ['-m', 'u:65534:r', path]);
    const access = execFileSync('getfacl', ['-cpn', path], { encoding: 'utf8' });
    await replace(path);
    const stats = statSync(path);
    expect([stats.uid, stats.gid, stats.mode & 0o7000]).toEqual([1234, 2345, 0]);
    expect(execFileSync('getfacl', ['-cpn', path], { encoding: 'utf8' })).toBe(access);
    expect(attributesOf(path)).toEqual([
      expect.stringContaining('system.posix_acl_access='),
      'user.dead.property="kept"',
    ]);
  });

  test('is what the file has that is there at that moment', async () => {
    const path = join(folder, 'late');
    writeFileSync(path, 'old');
    const file = await staged(path, 'new');
    writeFileSync(`${path}2`, 'newer');
    execFileSync('setfattr', ['-n', 'user.dead.property', '-v', 'late', `${path}2`]);
    renameSync(`${path}2`, path);
    await file.publish({ keep: true });
    expect(attributesOf(path)).toEqual(['user.dead.property="late"']);
  });

  test("is not the folder's default list, where the file had none", async () => {
    const inner = join(folder, 'inner');
    mkdirSync(inner);
    const path = join(inner, 'file');
    writeFileSync(path, 'old');
    chmodSync(path, 0o600);
    execFileSync('setfacl', ['-d', '-m', 'u:65534:rw', inner]);
    await replace(path);
    expect(attributesOf(path)).toEqual([]);
    expect(statSync(path).mode & 0o7777).toBe(0o600);
  });
});
