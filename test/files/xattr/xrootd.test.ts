/** XRootD's own programs read what we store, and we read what they store. */

import { chmodSync, closeSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { getAttribute } from '../../../lib/files/xattr/attributes.js';
import { readChecksums, storeChecksums } from '../../../lib/files/xattr/index.js';
import { checksum } from '../../../lib/index.js';
import { run } from '../../cli/run.js';
import { fileOf, temporaryFolder } from '../../helpers/files.js';
import { needs } from '../../helpers/needs.js';
import { xrootdServer } from '../../helpers/xrootd.js';

needs('xrdadler32', 'xrdfs', 'xrootd');

const folder = temporaryFolder();

function opened(path: string): number {
  const fd = openSync(path, 'r');
  onTestFinished(() => closeSync(fd));
  return fd;
}

describe('xrdadler32', () => {
  it('prints the value that sluice stored, not one that it computes', async () => {
    const path = fileOf(folder, 1000);
    await storeChecksums(opened(path), { adler32: 0xbadn }, { profiles: ['xrdcks'] });
    expect((await run('xrdadler32', [path])).stdout).toBe(`00000bad ${path}\n`);
  });

  it('computes anew what sluice calls stale, too', async () => {
    const path = fileOf(folder, 1000);
    const fd = opened(path);
    await storeChecksums(fd, { adler32: 0xbadn }, { profiles: ['xrdcks'] });
    await run('touch', ['-d', '2001-02-03', path]);
    expect(await readChecksums(fd)).toMatchObject([{ state: 'stale' }]);
    expect((await run('xrdadler32', [path])).stdout).toBe(`${(await checksum(path)).hex} ${path}\n`);
  });

  it('stores a value that sluice reads', async () => {
    const path = fileOf(folder, 100_000);
    await run('xrdadler32', [path]);
    expect(await readChecksums(opened(path))).toMatchObject([
      { profile: 'xrdcks', algorithm: 'adler32', state: 'fresh', value: (await checksum(path)).value },
    ]);
  });
});

describe('an XRootD server', () => {
  const server = xrootdServer();
  const { root: data } = server;
  const query = async (name: string, type: string) =>
    (
      await run('xrdfs', [`localhost:${server.port}`, 'query', 'checksum', `/${name}?cks.type=${type}`])
    ).stdout.trim();

  it.each(['adler32', 'crc32c'] as const)('states the %s that sluice stored', async (algorithm) => {
    const path = join(data, algorithm);
    writeFileSync(path, 'content', { mode: 0o666 });
    await storeChecksums(opened(path), { [algorithm]: 0xbadn }, { profiles: ['xrdcks'] });
    expect(await query(algorithm, algorithm)).toBe(`${algorithm} 00000bad`);
  });

  it('stores the crc32c of 123456789 with its bytes in the order in which we store them', async () => {
    const [theirs, ours] = ['vector-theirs', 'vector-ours'].map((name) => join(data, name)) as [
      string,
      string,
    ];
    for (const path of [theirs, ours]) {
      writeFileSync(path, '123456789');
      chmodSync(path, 0o666);
    }
    expect(await query('vector-theirs', 'crc32c')).toBe('crc32c e3069283');
    await storeChecksums(opened(ours), { crc32c: 0xe306_9283n }, { profiles: ['xrdcks'] });
    for (const path of [theirs, ours]) {
      const record = await getAttribute(opened(path), 'user.XrdCks.crc32c');
      expect(record?.subarray(32, 36)).toEqual(Buffer.from([0xe3, 0x06, 0x92, 0x83]));
    }
  });

  it('stores a value that sluice reads, and both compute the same', async () => {
    const path = join(data, 'theirs');
    writeFileSync(path, Buffer.alloc(1_000_000, 'theirs'), { mode: 0o666 });
    chmodSync(path, 0o666);
    const { checksums } = await checksum(path, { algorithms: ['adler32', 'crc32c'] });
    for (const algorithm of ['adler32', 'crc32c'] as const) {
      expect(await query('theirs', algorithm)).toBe(`${algorithm} ${checksums[algorithm]?.hex}`);
    }
    expect(await readChecksums(opened(path))).toMatchObject([
      { profile: 'xrdcks', algorithm: 'adler32', state: 'fresh', hex: checksums.adler32?.hex },
      { profile: 'xrdcks', algorithm: 'crc32c', state: 'fresh', hex: checksums.crc32c?.hex },
    ]);
  });
});
