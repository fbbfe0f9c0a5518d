import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { StagedFile } from '../../../lib/files/staging/staged-file.js';
import { temporaryFolder } from '../../helpers/files.js';
import { needs } from '../../helpers/needs.js';
import { type Program, start } from '../../helpers/program.js';
import { mounted } from './mounts.js';

needs('bindfs', 'strace');

const base = temporaryFolder();
chmodSync(base, 0o755);
/** No O_TMPFILE, and a ctime that can be set, so that a file can be a day old. */
const top = mounted(base, 'bindfs', 0, 'ctime-from-mtime');
const minutes = 60 * 1000;

let folder: string;
beforeEach(() => {
  folder = join(top, `at-${Math.random()}`);
  mkdirSync(folder);
  chmodSync(folder, 0o777);
});

/** Starts one of the programs, on the folder. */
const run = (name: string, args: string[] = [], under: string[] = []): Program =>
  start(new URL(`programs/${name}.mjs`, import.meta.url), [folder, ...args], { under });

async function staging(): Promise<Program> {
  const program = run('staging');
  expect(await program.line()).toBe('staged');
  return program;
}

/** Makes a file look as if nobody had touched it for so long. */
function age(name: string, ms: number): void {
  const then = (Date.now() - ms) / 1000;
  utimesSync(join(folder, name), then, then);
  expect(statSync(join(folder, name)).ctimeMs).toBeLessThan(Date.now() - ms + 1000);
}

/** The names in the folder while one more file is staged there. */
async function namesWithAnother(): Promise<string[]> {
  await using _ = await StagedFile.create(join(folder, 'other'));
  return readdirSync(folder).sort();
}

test('a file that a killed process left is removed a day later, with the next file', async () => {
  for (const { child, ended } of [await staging(), await staging()]) {
    child.kill('SIGKILL');
    await ended;
  }
  expect(readdirSync(folder).sort()).toEqual(['.sluice-0', '.sluice-1']);
  expect(await namesWithAnother()).toEqual(['.sluice-0', '.sluice-1', '.sluice-2']);
  age('.sluice-1', 24 * 60 * minutes - minutes);
  age('.sluice-0', 24 * 60 * minutes + minutes);
  const file = await StagedFile.create(join(folder, 'file'));
  expect(readdirSync(folder).sort()).toEqual(['.sluice-0', '.sluice-1']);
  expect(readFileSync(join(folder, '.sluice-0'), 'utf8')).toBe('');
  await file.publish();
  expect(readdirSync(folder).sort()).toEqual(['.sluice-1', 'file']);
});

test('a file of a living process stays, however old it looks', async () => {
  const { stdin, ended } = await staging();
  age('.sluice-0', 1000 * 60 * minutes);
  expect(await namesWithAnother()).toEqual(['.sluice-0', '.sluice-1']);
  stdin.write('publish');
  expect(await ended).toEqual([0, null]);
  expect(readFileSync(join(folder, 'file'), 'utf8')).toBe('theirs');
  expect(readdirSync(folder)).toEqual(['file']);
});

test('a file that is not locked yet may be removed, and its maker takes another name', async () => {
  // Three seconds lie between the making of the file and its lock.
  const { stdin, ended, line } = run(
    'staging',
    [],
    ['strace', '-f', '-qq', '-o', '/dev/null', '-e', 'inject=flock:delay_enter=3000000:when=1'],
  );
  await expect.poll(() => readdirSync(folder), { interval: 5 }).toEqual(['.sluice-0']);
  age('.sluice-0', 1000 * 60 * minutes);
  await using file = await StagedFile.create(join(folder, 'mine'));
  writeSync(file.fd, 'mine');
  expect(await line()).toBe('staged');
  expect(readdirSync(folder).sort()).toEqual(['.sluice-0', '.sluice-1']);
  stdin.write('publish');
  expect(await ended).toEqual([0, null]);
  await file.publish();
  expect(['file', 'mine'].map((name) => readFileSync(join(folder, name), 'utf8'))).toEqual([
    'theirs',
    'mine',
  ]);
});

test('a file of somebody else, or a folder, stays', async () => {
  mkdirSync(join(folder, '.sluice-0'));
  writeFileSync(join(folder, '.sluice-1'), '');
  const other = run('staging-as-nobody');
  for (const name of ['.sluice-0', '.sluice-1']) age(name, 1000 * 60 * minutes);
  expect(await other.line()).toBe('.sluice-0,.sluice-1,.sluice-2');
});

test('files left under any name are removed in time, though few are staged at once', async () => {
  for (const name of ['.sluice-3', '.sluice-200', '.sluice-255']) {
    writeFileSync(join(folder, name), '');
    age(name, 25 * 60 * minutes);
  }
  for (let i = 0; i < 10_000 && readdirSync(folder).length > 0; i++) {
    await using _ = await StagedFile.create(join(folder, 'file'));
  }
  expect(readdirSync(folder)).toEqual([]);
});

test('more files than there are short names for can be staged at once', async () => {
  const files = await Promise.all(
    Array.from({ length: 300 }, (_, i) => StagedFile.create(join(folder, String(i)))),
  );
  expect(readdirSync(folder)).toHaveLength(300);
  for (const file of files) await file.publish();
  expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([]);
});

test('a file that somebody removed is not published, nor is what has its name by then', async () => {
  const file = await StagedFile.create(join(folder, 'file'));
  rmSync(join(folder, '.sluice-0'));
  await using other = await StagedFile.create(join(folder, 'other'));
  expect(existsSync(join(folder, '.sluice-0'))).toBe(true);
  await expect(file.publish()).rejects.toMatchObject({
    code: 'ERR_SLUICE_IO',
    message: expect.stringContaining('its temporary file was removed'),
  });
  await other.publish();
  expect(readdirSync(folder)).toEqual(['other']);
});

test('no file of a living process is lost, though all look old and other processes are killed', async () => {
  const workers = ['0', '1', '2'].map((name) => run('publishing', [name]));
  const victims: Program[] = [];
  let aged = 0;
  while (aged < 2000 || victims.length < 5) {
    for (const name of readdirSync(folder)) {
      if (!name.startsWith('.')) continue;
      try {
        utimesSync(join(folder, name), 0, 0);
        aged++;
      } catch {
        // published or gone
      }
    }
    if (victims.every(({ child }) => child.killed)) victims.push(run('publishing', ['3']));
    else if (Math.random() < 0.01) victims.at(-1)?.child.kill('SIGKILL');
    await new Promise((later) => setImmediate(later));
  }
  victims.at(-1)?.child.kill('SIGKILL');
  for (const { stdin, line, ended } of workers) {
    stdin.write('stop');
    expect(Number(await line())).toBeGreaterThan(0);
    expect(await ended).toEqual([0, null]);
  }
});
