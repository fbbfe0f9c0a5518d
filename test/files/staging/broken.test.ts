import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { temporaryFolder } from '../../helpers/files.js';
import { needs } from '../../helpers/needs.js';
import { start } from '../../helpers/program.js';

needs('strace');

const base = temporaryFolder();
let folder: string;
let names = 0;
beforeEach(() => {
  folder = join(base, String(names++));
  mkdirSync(folder);
  writeFileSync(join(folder, 'file'), 'old');
});

/** Publishes in a process whose system calls go wrong as `inject` says, and returns what came of it. */
async function publish(
  replace: string,
  inject: readonly string[],
  meanwhile = async () => {},
): Promise<string> {
  const program = new URL('programs/replacing.mjs', import.meta.url);
  const injections = inject.flatMap((each) => ['-e', `inject=${each}`]);
  const under = ['strace', '-f', '-qq', '-o', '/dev/null', ...injections];
  const { line, ended } = start(program, [join(folder, 'file'), replace], { under });
  const [said] = await Promise.all([line(), ended, meanwhile()]);
  return said;
}

const contents = () => readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));

function replaceBy(content: string): void {
  writeFileSync(join(base, content), content);
  renameSync(join(base, content), join(folder, 'file'));
}

/** Puts a third file in the place of the old one between the last look at it and the exchange, two seconds later. */
async function intrude(): Promise<void> {
  await expect.poll(() => readdirSync(folder).length, { interval: 5 }).toBe(2);
  replaceBy('third');
}
const late = 'linkat:delay_exit=2000000';

/** Puts a fourth file in the place of ours, between the exchange and the one that undoes it, two seconds later. */
async function intrudeTwice(): Promise<void> {
  await intrude();
  const current = () => readFileSync(join(folder, 'file'), 'utf8');
  await expect.poll(current, { interval: 5 }).toBe('new');
  replaceBy('fourth');
}

test.each([
  ['any', 'renameat:error=EIO'],
  ['existing', 'renameat2:error=EIO'],
  ['existing', 'linkat:error=EIO'],
])('replacing %s with %s leaves the old file, and nothing else', async (replace, inject) => {
  expect(await publish(replace, [inject])).toBe('ERR_SLUICE_IO');
  expect(contents()).toEqual(['old']);
});

test('an exchange that the file system does not know is refused, and the old file stays', async () => {
  expect(await publish('existing', ['renameat2:error=EINVAL'])).toBe('ERR_SLUICE_UNSUPPORTED');
  expect(contents()).toEqual(['old']);
});

test('an exchange that brought out a third file is undone', async () => {
  expect(await publish('existing', [late], intrude)).toBe('ERR_SLUICE_PRECONDITION');
  expect(contents()).toEqual(['third']);
});

test('an exchange that is undone gives way to a fourth file that came before it was: the newest stays', async () => {
  const slow = 'renameat2:delay_exit=2000000:when=1';
  expect(await publish('existing', [late, slow], intrudeTwice)).toBe('ERR_SLUICE_PRECONDITION');
  expect(contents()).toEqual(['fourth']);
});

test('an exchange that can not be undone loses neither file', async () => {
  expect(await publish('existing', [late, 'renameat2:error=EIO:when=2'], intrude)).toBe('ERR_SLUICE_IO');
  expect(readFileSync(join(folder, 'file'), 'utf8')).toBe('new');
  const [kept] = readdirSync(folder).filter((name) => name !== 'file');
  expect(kept).toMatch(/^\.sluice-[0-9a-f]{16}$/);
  expect(readFileSync(join(folder, String(kept)), 'utf8')).toBe('third');
});

test('a short file beyond the limit of sizes is refused, and the old file stays', async () => {
  const program = new URL('programs/creating.mjs', import.meta.url);
  const { line } = start(program, [join(folder, 'file'), '20000'], { under: ['prlimit', '--fsize=16384'] });
  expect(await line()).toBe('ERR_SLUICE_NO_SPACE');
  expect(contents()).toEqual(['old']);
});
