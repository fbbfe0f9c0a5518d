import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../helpers/files.js';
import { needs } from '../helpers/needs.js';
import { adlerOf, keptAdler, Observed } from './observing.js';

needs('python3');

const base = temporaryFolder();
chmodSync(base, 0o755);

function folderOf(owner: number): string {
  const path = join(base, `of-${owner}`);
  mkdirSync(path);
  execFileSync('chown', [String(owner), path]);
  return path;
}

const as = (owner: number, script: string) =>
  spawn('setpriv', ['--reuid', String(owner), '--clear-groups', 'bash', '-c', script], { stdio: 'ignore' });

it('files of one owner are summed while another has any number of them wait', async () => {
  const [hostile, other] = [folderOf(65533), folderOf(65532)];
  const observed = new Observed([hostile, other], { method: 'reread', profiles: ['storm'] });
  // Files that take a while to read, thousands of small ones, and one that changes all the time.
  const writers = [
    as(65533, `for i in $(seq 40); do head -c 60000000 /dev/zero > ${hostile}/large-$i; done`),
    as(65533, `for i in $(seq 8000); do echo $i > ${hostile}/small-$i; done`),
    as(
      65533,
      `head -c 60000000 /dev/zero > ${hostile}/again; for i in $(seq 300); do printf x | dd of=${hostile}/again conv=notrunc status=none; done`,
    ),
  ];
  const ended = Promise.all(writers.map((child) => once(child, 'close')));
  await observed.first(({ type }) => type === 'value');
  const overtaken: number[] = [];
  for (let n = 0; n < 20; n++) {
    const path = join(other, `file-${n}`);
    const before = observed.events.length;
    execFileSync('setpriv', ['--reuid', '65532', '--clear-groups', 'bash', '-c', `echo ${n} > ${path}`]);
    await observed.value(path);
    expect(await keptAdler(path)).toBe(adlerOf(path));
    overtaken.push(observed.events.length - before);
  }
  await ended;
  // A file that came later waits for one turn of each lane, and for what was offered already; not for all that waits.
  expect(Math.max(...overtaken)).toBeLessThan(2000);
  for (const name of ['again', 'large-40', 'small-8000']) {
    await expect.poll(() => keptAdler(join(hostile, name))).toBe(adlerOf(join(hostile, name)));
  }
});

/** Opens a file, writes a byte and closes it, again and again. */
const rewriting = `
import sys, time
for n in range(int(sys.argv[2])):
    with open(sys.argv[1], 'r+b', buffering=0) as file:
        file.write(b'.')
    time.sleep(0.005)
`;

it('a file that somebody rewrites without end is read for a small part of the time', async () => {
  const root = join(base, 'often');
  mkdirSync(root);
  const path = join(root, 'file');
  const size = 100_000_000; // a read is longer than a millisecond, and has a rest after it
  writeFileSync(path, Buffer.alloc(size));
  const observed = new Observed(root, { method: 'reread', profiles: ['storm'] });
  const rounds = 200;
  execFileSync('python3', ['-c', rewriting, path, String(rounds)]);
  writeFileSync(path, 'end', { flag: 'a' });
  await expect.poll(() => keptAdler(path)).toBe(adlerOf(path));
  expect(observed.observation.stats.bytesRead).toBeLessThan((rounds / 4) * size);
});

it('a file whose reads a writer breaks off is left alone for longer and longer', async () => {
  const root = join(base, 'broken');
  mkdirSync(root);
  const path = join(root, 'file');
  writeFileSync(path, Buffer.alloc(200_000_000));
  const observed = new Observed(root, { method: 'reread', profiles: ['storm'] });
  const rounds = 200;
  execFileSync('python3', ['-c', rewriting, path, String(rounds)]);
  expect(observed.observation.stats.rereads.unattached).toBeLessThan(rounds / 3);
  writeFileSync(path, 'end', { flag: 'a' });
  await expect.poll(() => keptAdler(path), { timeout: 60_000 }).toBe(adlerOf(path));
});
