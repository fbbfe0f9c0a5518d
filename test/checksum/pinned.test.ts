/** Stores into a file that nobody has open or mapped any more: where they are possible, no lease is taken for a proof. */

import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { beforeAll, expect, it, onTestFinished } from 'vitest';
import { checksum } from '../../lib/index.js';
import { mounted } from '../files/staging/mounts.js';
import { fileOf, temporaryFolder } from '../helpers/files.js';
import { needs } from '../helpers/needs.js';
import { type Program, start } from '../helpers/program.js';

needs('bindfs', 'mkfs.xfs', 'mkfs.ext4');

const folder = temporaryFolder();
beforeAll(() => {
  for (const name of ['pinned-buffer', 'pinned-read']) {
    const source = fileURLToPath(new URL(`programs/${name}.c`, import.meta.url));
    execFileSync('cc', ['-O2', '-Wall', '-pthread', source, '-o', join(folder, name)]);
  }
});

/** Starts one of them. */
function started(name: string, ...paths: string[]): Program {
  return start(pathToFileURL(join(folder, name)), paths);
}

const size = 4 << 20;
const mounts = {
  tmpfs: mounted(folder, 'tmpfs'),
  ext4: mounted(folder, 'ext4'),
  xfs: mounted(folder, 'xfs', 320),
};

it('writers are unknown on tmpfs, where a registered buffer of io_uring outlives file and mapping', async () => {
  const path = fileOf(mounts.tmpfs, size);
  const before = readFileSync(path);
  const { stdin, line } = started('pinned-buffer', path);
  expect(await line()).toBe('pinned');
  const { value, writers } = await checksum(path);
  expect(writers).toBe('unknown');
  stdin.write('\n');
  expect(await line()).toBe('stored');
  expect(readFileSync(path).equals(before)).toBe(false);
  expect((await checksum(path)).value).not.toBe(value);
});

it.each(['ext4', 'xfs'] as const)(
  'writers are none on %s, where the kernel refuses such a buffer',
  async (kind) => {
    const path = fileOf(mounts[kind], size);
    const { ended, line } = started('pinned-buffer', path);
    expect(await line()).toMatch(/^register: /);
    await ended;
    expect((await checksum(path)).writers).toBe('none');
  },
);

it('writers are none while a read with O_DIRECT goes on into a mapping that is gone: no lease tells of it', async () => {
  const slow = { under: join(folder, 'under'), at: join(folder, 'slow') };
  for (const each of Object.values(slow)) mkdirSync(each);
  const source = join(slow.at, 'source');
  const server = spawn('bindfs', ['-f', slow.under, slow.at], { stdio: 'inherit' });
  onTestFinished(() => void execFileSync('umount', ['--lazy', slow.at]));
  onTestFinished(() => void server.kill('SIGCONT'));
  await expect.poll(() => statSync(slow.at).dev === statSync(slow.under).dev).toBe(false);
  writeFileSync(source, randomBytes(65_536));
  const path = fileOf(mounts.ext4, 65_536);
  const { stdin, line } = started('pinned-read', path, source);
  expect(await line()).toBe('open');
  server.kill('SIGSTOP');
  stdin.write('\n');
  expect(await line()).toBe('reading');
  const before = await checksum(path);
  expect(before.writers).toBe('none');
  server.kill('SIGCONT');
  expect(await line()).toBe('read');
  // It ended by itself, and what it stored is what the file holds from now on.
  expect(readFileSync(path).equals(readFileSync(source))).toBe(true);
  expect(await checksum(path)).toMatchObject({ writers: 'none' });
});
