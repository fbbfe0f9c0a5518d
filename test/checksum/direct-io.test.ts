import { randomBytes } from 'node:crypto';
import { chmodSync, closeSync, constants, openSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { checksum, SluiceError } from '../../lib/index.js';
import { dropFromCache } from '../../lib/measure/page-cache.js';
import { relay } from '../../lib/relay/index.js';
import { mounted } from '../files/staging/mounts.js';
import { fileOf, temporaryFolder } from '../helpers/files.js';
import { needs } from '../helpers/needs.js';
import { start } from '../helpers/program.js';

needs('python3', 'mkfs.ext4');

const folder = temporaryFolder('/var/tmp');
chmodSync(folder, 0o755);

/** Runs a program of the folder beside the test, until the test is over; returns once it has begun. */
async function beside(name: string, ...args: string[]): Promise<void> {
  await start(new URL(`programs/${name}.py`, import.meta.url), args).line();
}

const size = 400_000;

/** Of so many tries one in ten met the writer in the kernel, which says EIO then. */
const tries = 300;

describe('reading past the page cache a file that is written through it', () => {
  let path: string;
  beforeEach(async () => {
    path = fileOf(folder, size);
    await beside('storing', path, String(size));
  });

  it('fails as a file that changed, not as an error of the device', async () => {
    // Another user gets no lease, which would keep the writer away.
    const nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--inh-caps=-all'];
    const program = new URL('programs/bypassing.mjs', import.meta.url);
    const seen = JSON.parse(await start(program, [path, String(tries)], { under: nobody }).rest());
    expect(seen).toContain('ERR_SLUICE_CHANGED');
    expect(['summed', 'ERR_SLUICE_CHANGED']).toEqual(expect.arrayContaining(seen));
  });

  it.each(['/dev/null', 'file'])('fails so as the source of a relay into %s, too', async (kind) => {
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

describe('reading a file whose blocks the device has lost', () => {
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

  it('fails as an error of the device, with and without the cache, and also while somebody changes the file', async () => {
    const path = lost();
    const told = async (cache: 'use' | 'bypass') => {
      const error = await checksum(path, { cache }).catch((error) => error);
      expect(error).toBeInstanceOf(SluiceError);
      return error.code;
    };
    expect([await told('use'), await told('bypass')]).toEqual(['ERR_SLUICE_IO', 'ERR_SLUICE_IO']);
    await beside('touching', path);
    for (let i = 0; i < 20; i++) expect(await told('bypass')).toBe('ERR_SLUICE_IO');
  });
});
