import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { withFolderLocked } from '../../../lib/files/staging/folder-lock.js';
import { moveFile, removeFile } from '../../../lib/files/staging/named-file.js';
import { StagedFile } from '../../../lib/files/staging/staged-file.js';
import { temporaryFolder } from '../../helpers/files.js';
import { needs } from '../../helpers/needs.js';
import { type Program, start } from '../../helpers/program.js';

needs('bindfs', 'strace');

const base = temporaryFolder();

let folder: string;
let path: string;
let to: string;
let names = 0;

function fresh(top: string): void {
  folder = join(top, `at-${names++}`);
  path = join(folder, 'file');
  to = join(folder, 'to');
  mkdirSync(folder);
  writeFileSync(path, 'old');
}

const now = (path: string) => statSync(path, { bigint: true });
const content = (path: string) => readFileSync(path, 'utf8');

function replaceBy(text: string, path: string): void {
  const other = join(base, text);
  writeFileSync(other, text);
  renameSync(other, path);
}

describe("a folder's lock", () => {
  beforeEach(() => fresh(base));

  test('is waited for by everything that replaces a file', async () => {
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

  test('is not waited for without end, and not at all where there is no condition', async () => {
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

describe('a folder that another process keeps locked', () => {
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
  function removing(...inject: string[]): Program {
    const injections = inject.flatMap((each) => ['-e', `inject=${each}`]);
    const under = ['strace', '-f', '-qq', '-o', '/dev/null', ...injections];
    return start(new URL('programs/removing.mjs', import.meta.url), [path], { under });
  }

  /** Puts a file there between the last look, after the lock was taken, and the change, two seconds later. */
  async function intrude(): Promise<void> {
    const held = new RegExp(`FLOCK .*:${now(folder).ino} `);
    await expect
      .poll(() => readFileSync('/proc/locks', 'utf8'), { timeout: 20_000, interval: 50 })
      .toMatch(held);
    replaceBy('foreign', path);
  }
  const late = 'renameat:delay_enter=2000000';

  test('gets its file back', async () => {
    const { line } = removing(late);
    const [said] = await Promise.all([line(), intrude()]);
    expect(said).toBe('ERR_SLUICE_PRECONDITION');
    expect(readdirSync(folder)).toEqual(['file']);
    expect(content(path)).toBe('foreign');
  });

  test('loses none to a process that is killed', async () => {
    const { ended } = removing(late, 'renameat2:signal=KILL');
    await Promise.all([ended, intrude()]);
    const [kept] = readdirSync(folder);
    expect(content(join(folder, String(kept)))).toBe('foreign');
  });
});
