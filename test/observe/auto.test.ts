/** Which way the method auto takes for which file, and that it tells why. */

import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { algorithms } from '../../lib/engine/algorithms.js';
import { folderIn, temporaryFolder } from '../helpers/files.js';
import { needs } from '../helpers/needs.js';
import { reference } from '../helpers/reference.js';
import { adlerOf, keptAdler, Observed, start, stopped } from './observing.js';

needs('python3');

const leased = fileURLToPath(new URL('programs/leased.py', import.meta.url));
const base = temporaryFolder();
const folder = () => folderIn(base);

it('a small file is read when it is closed, and a large one while it is written', async () => {
  const root = folder();
  const observed = new Observed(root, { method: 'auto', profiles: ['storm'] });
  const [small, large] = [join(root, 'small'), join(root, 'large')];
  writeFileSync(small, randomBytes((256 << 10) - 1));
  writeFileSync(large, randomBytes(256 << 10));
  expect(await observed.value(small)).toMatchObject({ origin: 'reread', reason: 'small' });
  expect(await observed.value(large)).toMatchObject({ origin: 'follow', reason: undefined });
  for (const path of [small, large]) expect(await keptAdler(path)).toBe(adlerOf(path));
  expect(observed.observation.stats.rereads).toMatchObject({ small: 1, gaps: 0 });
});

it('a file that somebody has a lease on is summed in the kernel, and its lease is not broken', async () => {
  const root = folder();
  const observed = new Observed(root, { method: 'auto', profiles: ['storm'] });
  const path = join(root, 'file');
  expect(execFileSync('python3', [leased, path], { encoding: 'utf8' })).toBe('kept\n');
  expect(await observed.value(path)).toMatchObject({ origin: 'hook', reason: 'leased' });
  expect(await keptAdler(path)).toBe(adlerOf(path));
  expect(observed.observation.stats.switched).toEqual({ behind: 0, leased: 1 });
});

it.each([
  ['adler32', ['adler32']],
  ['every algorithm', algorithms],
] as const)('files are summed in the kernel while the observer is behind, with %s', async (_, names) => {
  const root = folder();
  const { child } = await start('--method', 'auto', '--json', '-a', names.join(), root);
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  await stopped(child.pid as number);
  const [contiguous, scattered] = [join(root, 'contiguous'), join(root, 'scattered')];
  const bytes = randomBytes(24 << 20);
  writeFileSync(contiguous, bytes);
  // A CRC goes on from one place only, and what is written elsewhere is read.
  const fd = openSync(scattered, 'w');
  for (const at of [0, 16, 8].map((mib) => mib << 20)) writeSync(fd, bytes, at, 8 << 20, at);
  closeSync(fd);
  child.kill('SIGCONT');
  for (const path of [contiguous, scattered]) {
    const event = JSON.parse((await lines.next()).value);
    expect(event).toMatchObject({ type: 'value', file: path, origin: 'hook', reason: 'behind' });
    for (const name of names)
      expect(BigInt(`0x${event.checksums[name].hex}`), name).toBe(reference(name, readFileSync(path)));
  }
});
