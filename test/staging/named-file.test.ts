import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
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
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { withFolderLocked } from '../../lib/files/staging/folder-lock.js';
import { moveFile, removeFile } from '../../lib/files/staging/named-file.js';
import { StagedFile } from '../../lib/files/staging/staged-file.js';
import { openDescriptors, temporaryFolder } from '../helpers/files.js';
import { needs } from '../helpers/needs.js';
import { mounted } from './mounts.js';

needs('bindfs', 'strace');

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

function replaceBy(text: string, path: string): void {
  const other = join(base, text);
  writeFileSync(other, text);
  renameSync(other, path);
}

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

describe("a folder's lock", () => {
  beforeEach(() => fresh(base));

  test('is waited for by all who replace a file', async () => {
    const order: string[] = [];
    const file = await StagedFile.create(path);
    let published: Promise<unknown> = Promise.resolve();
    await withFolderLocked(folder, async () => {
      published = file.publish().then(() => order.push('published'));
      for (let i = 0; i < 50; i++) await stat(path);
      order.push('worked');
    });
    await published;
    expect(order).toEqual(['worked', 'published']);
  });

  test('is held by one at a time', async () => {
    let holders = 0;
    await Promise.all(
      Array.from({ length: 12 }, () =>
        withFolderLocked(folder, async () => {
          expect(++holders).toBe(1);
          await stat(path);
          holders--;
        }),
      ),
    );
    await expect(
      withFolderLocked(folder, async () => {
        throw new Error('mine');
      }),
    ).rejects.toThrow('mine');
    await withFolderLocked(folder, async () => {});
  });

  test('is not waited for for ever, nor by what has no condition', async () => {
    const holder = spawn('flock', [folder, '-c', 'echo locked && read line'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    await once(holder.stdout, 'data');
    const expected = now(path);
    const file = await StagedFile.create(to);
    const published = file.publish();
    const busy = { code: 'ERR_SLUICE_BUSY' };
    await Promise.all([
      expect(removeFile(path, { expected })).rejects.toMatchObject(busy),
      expect(moveFile(path, `${to}2`, { expected })).rejects.toMatchObject(busy),
      expect(withFolderLocked(folder, async () => {})).rejects.toMatchObject(busy),
    ]);
    await published;
    await removeFile(path);
    holder.stdin.end();
    await once(holder, 'close');
    expect(readdirSync(folder)).toEqual(['to']);
  });
});

describe('a folder that a stranger keeps locked', () => {
  const elsewhere = temporaryFolder();
  let holder: ChildProcess;
  beforeEach(async () => {
    fresh(base);
    holder = spawn('flock', [folder, '-c', 'echo locked && read line'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    await once(holder.stdout as NodeJS.EventEmitter, 'data');
  });
  afterEach(async () => {
    holder.stdin?.end();
    await once(holder, 'close');
  });

  test('does not hold up what is put into other folders', async () => {
    const order: string[] = [];
    const files = await Promise.all(Array.from({ length: 100 }, () => StagedFile.create(path)));
    const other = await StagedFile.create(join(elsewhere, 'file'));
    const refused = files.map((file) =>
      file.publish({ replace: 'existing' }).catch(({ code }) => order.push(code)),
    );
    await other.publish();
    order.push('published');
    await Promise.all(refused);
    expect(order).toEqual(['published', ...refused.map(() => 'ERR_SLUICE_BUSY')]);
  });

  test('holds up what has no condition for less long than what has one', async () => {
    const order: string[] = [];
    const first = await StagedFile.create(path);
    const refused = first.publish({ replace: 'existing' }).catch(({ code }) => order.push(code));
    const files = await Promise.all(
      Array.from({ length: 100 }, (_, i) => StagedFile.create(join(folder, `new ${i}`))),
    );
    await Promise.all(files.map((file) => file.publish().then(() => order.push('published'))));
    await refused;
    expect(order).toEqual([...files.map(() => 'published'), 'ERR_SLUICE_BUSY']);
    expect(readdirSync(folder)).toHaveLength(files.length + 1);
  });
});

describe('a program that does not know of the lock', () => {
  beforeEach(() => fresh(base));

  /** Removes the file in a process whose system calls go as `inject` says. */
  function removing(...inject: string[]): ChildProcess {
    const script = `import { removeFile } from './dist/files/staging/named-file.js';
import fs from 'node:fs';
const expected = fs.statSync(${JSON.stringify(path)}, { bigint: true });
console.log(await removeFile(${JSON.stringify(path)}, { expected }).then(() => 'removed', ({ code }) => code));`;
    const injections = inject.flatMap((each) => ['-e', `inject=${each}`]);
    return spawn(
      'strace',
      ['-f', '-qq', '-o', '/dev/null', ...injections, process.execPath, '--input-type=module', '-e', script],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
  }

  /** Puts a file there between the last look, behind the taking of the lock, and the change, two seconds later. */
  async function intrude(): Promise<void> {
    const held = new RegExp(`FLOCK .*:${now(folder).ino} `);
    await expect
      .poll(() => readFileSync('/proc/locks', 'utf8'), { timeout: 20_000, interval: 50 })
      .toMatch(held);
    replaceBy('foreign', path);
  }
  const late = 'renameat:delay_enter=2000000';

  test('gets its file back', async () => {
    const child = removing(late);
    const [[said]] = await Promise.all([once(child.stdout as NodeJS.ReadableStream, 'data'), intrude()]);
    expect(String(said)).toBe('ERR_SLUICE_PRECONDITION\n');
    expect(readdirSync(folder)).toEqual(['file']);
    expect(content(path)).toBe('foreign');
  });

  test('loses none to a process that is killed', async () => {
    const child = removing(late, 'renameat2:signal=KILL');
    await Promise.all([once(child, 'exit'), intrude()]);
    const [kept] = readdirSync(folder);
    expect(content(join(folder, String(kept)))).toBe('foreign');
  });
});
