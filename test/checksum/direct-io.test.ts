import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, closeSync, constants, openSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checksum, SluiceError } from '../../lib/index.js';
import { dropFromCache } from '../../lib/measure/page-cache.js';
import { relay } from '../../lib/relay/index.js';
import { fileOf, temporaryFolder } from '../helpers/files.js';
import { needs } from '../helpers/needs.js';
import { mounted } from '../staging/mounts.js';

needs('python3', 'mkfs.ext4');

const folder = temporaryFolder('/var/tmp');
chmodSync(folder, 0o755);
const dist = new URL('../../dist/index.js', import.meta.url).href;
const helpers: ChildProcess[] = [];
afterEach(() => {
  for (const helper of helpers.splice(0)) helper.kill();
});

/** Runs a python program beside the test, until the test is over; returns once it has begun. */
async function beside(script: string, path: string): Promise<void> {
  const helper = spawn('python3', ['-c', script, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  helpers.push(helper);
  await new Promise<void>((resolve, reject) => {
    helper.stdout.once('data', () => resolve());
    helper.once('exit', (code) => reject(new Error(`the helper ended with ${code}`)));
  });
}

const size = 400_000;

/** Cuts holes into the file and stores into them through a mapping, as long as it lives. */
const stores = `
import mmap, os, random, sys
print('begun', flush=True)
while True:
    fd = os.open(sys.argv[1], os.O_RDWR)
    if random.randrange(3) == 0:
        os.ftruncate(fd, random.randrange(100000, ${size}))
        os.ftruncate(fd, ${size})
    memory = mmap.mmap(fd, ${size})
    for _ in range(20):
        at = random.randrange(${size - 1})
        memory[at:at + 1] = b'x'
    memory.close()
    os.close(fd)`;

/** Of so many tries one in ten met the writer in the kernel, which says EIO then. */
const tries = 300;

describe('a file that is written through the page cache while it is read past it', () => {
  let path: string;
  beforeEach(async () => {
    path = fileOf(folder, size);
    await beside(stores, path);
  });

  it('has changed: it is no matter of the device', async () => {
    // Another user gets no lease, which would keep the writer away.
    const script = `
const { checksum } = await import(${JSON.stringify(dist)});
const seen = new Set();
for (let i = 0; i < ${tries}; i++) {
  seen.add(await checksum(${JSON.stringify(path)}, { cache: 'bypass' }).then(() => 'summed', ({ code }) => code));
}
console.log(JSON.stringify([...seen]));`;
    const nobody = ['--reuid=65534', '--regid=65534', '--clear-groups', '--inh-caps=-all'];
    const { stdout } = await promisify(execFile)('setpriv', [
      ...nobody,
      process.execPath,
      '--input-type=module',
      '-e',
      script,
    ]);
    const seen = JSON.parse(stdout);
    expect(seen).toContain('ERR_SLUICE_CHANGED');
    expect(['summed', 'ERR_SLUICE_CHANGED']).toEqual(expect.arrayContaining(seen));
  });

  it.each(['/dev/null', 'file'])('has changed as the source of a relay, too, into %s', async (kind) => {
    const source = openSync(path, constants.O_RDONLY | constants.O_DIRECT);
    const sink = openSync(kind === 'file' ? join(folder, 'sink') : kind, 'w+');
    try {
      const seen = new Set<string>();
      for (let i = 0; i < tries; i++) {
        const outcome = await relay(source, sink).then(
          () => 'moved',
          (error: SluiceError) => error.code,
        );
        seen.add(outcome);
      }
      expect(['moved', 'ERR_SLUICE_CHANGED']).toEqual(expect.arrayContaining([...seen]));
    } finally {
      closeSync(source);
      closeSync(sink);
    }
  });
});

describe('a device that has lost what a file held', () => {
  const mount = mounted(folder, 'ext4', 64);
  const image = `${mount}.img`;

  /** A file of a megabyte whose blocks are not on the device any more. */
  function lost(): string {
    const path = join(mount, 'lost');
    writeFileSync(path, randomBytes(1 << 20));
    dropFromCache(path);
    truncateSync(image, 1 << 20);
    return path;
  }

  it('is an error of the device, with and without the cache, and also while somebody changes the file', async () => {
    const path = lost();
    const told = async (cache: 'use' | 'bypass') => {
      const error = await checksum(path, { cache }).catch((error) => error);
      expect(error).toBeInstanceOf(SluiceError);
      return error.code;
    };
    expect([await told('use'), await told('bypass')]).toEqual(['ERR_SLUICE_IO', 'ERR_SLUICE_IO']);
    await beside(
      `
import os, sys
print('begun', flush=True)
while True:
    os.utime(sys.argv[1])`,
      path,
    );
    for (let i = 0; i < 20; i++) expect(await told('bypass')).toBe('ERR_SLUICE_IO');
  });
});
