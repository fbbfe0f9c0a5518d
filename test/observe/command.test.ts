import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { folderIn, temporaryFolder } from '../helpers/files.js';
import { adlerOf, eventOf, keptAdler, lineOf, linesOf, start, startUnder, stopped } from './observing.js';

const base = temporaryFolder();
const folder = () => folderIn(base);

it('a value is a line', async () => {
  const root = folder();
  const { child } = await start('--method', 'reread', '--profile', 'storm', root);
  const path = join(root, 'a file');
  writeFileSync(path, 'content');
  expect(await lineOf(linesOf(child.stdout), root)).toBe(
    `'${path}': adler32 ${adlerOf(path)}; 7 bytes, reread`,
  );
  expect(await keptAdler(path)).toBe(adlerOf(path));
});

it('of a folder in another one that is observed, too, a file is told once, by the inner one', async () => {
  const root = folder();
  const inner = folderIn(root);
  const { child } = await start('--method', 'reread', root, inner);
  const lines = linesOf(child.stdout);
  for (const path of [join(inner, 'first'), join(root, 'second')]) {
    writeFileSync(path, '');
    expect(await lineOf(lines, root)).toBe(`${path}: adler32 00000001; 0 bytes, reread`);
  }
});

it('with --json it is an object', async () => {
  const root = folder();
  const { child } = await start('--method', 'reread', '--json', '-a', 'adler32,crc32c', root);
  const path = join(root, 'file');
  writeFileSync(path, 'content');
  const { value } = await linesOf(child.stdout).next();
  expect(JSON.parse(value)).toMatchObject({
    type: 'value',
    file: path,
    bytes: 7,
    why: 'closed',
    pid: process.pid,
    origin: 'reread',
    checksums: { adler32: { hex: adlerOf(path) }, crc32c: {} },
  });
});

it.each(['SIGTERM', 'SIGINT'] as const)('%s ends it, and --stats says what was done', async (signal) => {
  const root = folder();
  const { child, ended, complaints } = await start('--method', 'reread', '--stats', root);
  writeFileSync(join(root, 'file'), 'content');
  await linesOf(child.stdout).next();
  child.kill(signal);
  expect(await ended).toEqual([0, null]);
  expect(complaints()).toMatch(
    /^\d+ events, 1 in the folders, 0 times lost\n1 values, 0 followed, .*\n1 rereads \(1 unattached\)\n/,
  );
  expect(complaints()).toMatch(/ 7 read again, \d+\.\d+ s of CPU time\nno programs in the kernel\n$/);
});

it('attributes are set although nobody reads what is printed', async () => {
  const root = folder();
  await start('--method', 'reread', '--profile', 'storm', root);
  // More than a pipe and the stream hold.
  const paths = Array.from({ length: 3000 }, (_, n) => join(root, `${'long-name-'.repeat(20)}${n}`));
  for (const path of paths) writeFileSync(path, path);
  for (const path of paths) await expect.poll(() => keptAdler(path)).toBe(adlerOf(path));
});

it('what the kernel drops is looked for', async () => {
  const root = folder();
  mkdirSync(join(root, 'below'));
  const moved = join(folder(), 'moved');
  mkdirSync(moved);
  writeFileSync(join(moved, 'file'), 'moved in');
  // What changed in the last seconds is looked for by its time alone.
  await pause(2500);
  const { child } = await start('--method', 'reread', '--json', '--profile', 'storm', root);
  const lines = linesOf(child.stdout);
  writeFileSync(join(root, 'first'), '');
  await lines.next();
  await stopped(child.pid as number);
  const most = Number(readFileSync('/proc/sys/fs/fanotify/max_queued_events', 'utf8'));
  for (let n = 0; n <= most; n++) writeFileSync(join(root, `early-${n}`), '');
  const path = join(root, 'below', 'late');
  writeFileSync(path, 'too late for the queue');
  renameSync(moved, join(root, 'moved'));
  child.kill('SIGCONT');
  const told = { lost: 0, late: 0 };
  while (told.late === 0) {
    const event = JSON.parse((await lines.next()).value);
    if (event.type === 'lost') told.lost += 1;
    if (event.file === path) {
      told.late += 1;
      expect(event).toMatchObject({ type: 'value', why: 'found' });
    }
  }
  expect(told.lost).toBe(1);
  for (const each of [path, join(root, 'moved', 'file')])
    await expect.poll(() => keptAdler(each)).toBe(adlerOf(each));
});

it('a folder that is too deep to be walked is told, and the next one is walked', async () => {
  const [root, outside] = [folder(), folder()];
  const deep = 'x/'.repeat(150);
  for (const path of [deep, 'next']) mkdirSync(join(outside, path), { recursive: true });
  writeFileSync(join(outside, deep, 'file'), 'deep');
  writeFileSync(join(outside, 'next', 'file'), 'next');
  const { child } = await startUnder(['prlimit', '--nofile=256:256'], '--method', 'reread', '--json', root);
  const lines = linesOf(child.stdout);
  renameSync(join(outside, 'x'), join(root, 'x'));
  expect(await eventOf(lines, root)).toMatchObject({
    type: 'lost',
    what: 'unwalked',
    error: { code: 'ERR_SLUICE_LIMIT' },
  });
  renameSync(join(outside, 'next'), join(root, 'next'));
  expect(await eventOf(lines, join(root, 'next', 'file'))).toMatchObject({ type: 'value', why: 'found' });
});
