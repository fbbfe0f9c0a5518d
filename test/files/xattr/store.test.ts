import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  closeSync,
  openSync,
  readFileSync,
  statfsSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { getAttribute, listAttributes, setAttribute } from '../../../lib/files/xattr/attributes.js';
import { clearChecksums, readChecksums, storeChecksums, versionOf } from '../../../lib/files/xattr/index.js';
import { type AlgorithmName, checksum } from '../../../lib/index.js';
import { fillAttributes } from '../../helpers/attributes.js';
import { fileOf, openDescriptors, temporaryFolder } from '../../helpers/files.js';
import { needs } from '../../helpers/needs.js';
import { mounted } from '../staging/mounts.js';

needs('getfattr', 'mkfs.xfs', 'mkfs.ext4');

const folder = temporaryFolder();
const all = ['adler32', 'crc32', 'crc32c', 'crc64nvme'] as const;

function opened(content: Uint8Array | number = 1000, base = folder): { path: string; fd: number } {
  const path = fileOf(base, content);
  const fd = openSync(path, 'r');
  onTestFinished(() => closeSync(fd));
  return { path, fd };
}

/** The values of a file by the algorithms, as storeChecksums takes them. */
async function valuesOf(path: string): Promise<Partial<Record<AlgorithmName, bigint>>> {
  const { checksums } = await checksum(path, { algorithms: all });
  return Object.fromEntries(Object.entries(checksums).map(([name, { value }]) => [name, value]));
}

function getfattr(path: string, name: string): string {
  return execFileSync('getfattr', ['--only-values', '--absolute-names', '-n', name, path], {
    encoding: 'utf8',
  });
}

/** What the kernel says of user attributes on tmpfs; it has them since 6.6. */
const [major, minor] = readFileSync('/proc/sys/kernel/osrelease', 'utf8').split('.').map(Number) as [
  number,
  number,
];
const tmpfsKeeps = major > 6 || (major === 6 && minor >= 6);

describe.each(['ext4', 'xfs', 'tmpfs'] as const)('on %s', (kind) => {
  const base = mounted(folder, kind, kind === 'xfs' ? 320 : 64);

  it('the file system is of that kind', () => {
    expect(statfsSync(base).type).toBe({ ext4: 0xef53, xfs: 0x58465342, tmpfs: 0x01021994 }[kind]);
  });

  it('every profile is stored, read and cleared', async () => {
    const before = openDescriptors();
    const { path, fd } = opened(100_000, base);
    const values = await valuesOf(path);
    const version = await versionOf(fd);
    const storing = storeChecksums(fd, values, {
      profiles: ['sluice', 'storm', 'xrdcks', 'human'],
      origin: 'written',
      version,
    });
    if (kind === 'tmpfs' && !tmpfsKeeps) {
      await expect(storing).rejects.toMatchObject({ code: 'ERR_SLUICE_NO_ATTRIBUTES' });
      return;
    }
    await storing;
    const read = await readChecksums(fd);
    expect(
      read.map(({ profile, state, ...rest }) => `${profile} ${state} ${'hex' in rest && rest.algorithm}`),
    ).toEqual([
      'sluice fresh adler32',
      'sluice fresh crc32',
      'sluice fresh crc32c',
      'sluice fresh crc64nvme',
      'storm undated adler32',
      'xrdcks fresh adler32',
      'xrdcks fresh crc32c',
      'human undated adler32',
      'human undated crc32',
      'human undated crc32c',
    ]);
    for (const each of read) {
      if (each.state === 'malformed') throw new Error(each.attribute);
      expect(each.value).toBe(values[each.algorithm]);
      expect(each.origin).toBe(each.profile === 'sluice' ? 'written' : undefined);
    }
    expect(getfattr(path, 'user.storm.checksum.adler32')).toBe(values.adler32?.toString(16).padStart(8, '0'));

    await clearChecksums(fd, { profiles: ['sluice'], algorithms: ['crc32'] });
    expect(
      (await readChecksums(fd, { profiles: ['sluice'] })).map((each) => 'hex' in each && each.algorithm),
    ).toEqual(['adler32', 'crc32c', 'crc64nvme']);
    await clearChecksums(fd);
    expect((await listAttributes(fd)).filter((name) => name.startsWith('user.'))).toEqual([]);
    expect(openDescriptors()).toEqual([...before, path].sort());
  });
});

describe('storeChecksums', () => {
  it('refuses values of a file that changed after they were computed', async () => {
    const { path, fd } = opened();
    const version = await versionOf(fd);
    const values = await valuesOf(path);
    appendFileSync(path, 'more');
    const profiles = ['sluice', 'storm', 'xrdcks', 'human'] as const;
    await expect(storeChecksums(fd, values, { version, profiles })).rejects.toMatchObject({
      code: 'ERR_SLUICE_CHANGED',
    });
    expect(await listAttributes(fd)).toEqual([]);
  });

  it('notices a write of the same length, however soon it comes', async () => {
    for (let round = 0; round < 20; round++) {
      const { path, fd } = opened(Buffer.from('before'));
      const version = await versionOf(fd);
      writeFileSync(path, 'behind');
      await expect(storeChecksums(fd, { adler32: 1n }, { version })).rejects.toMatchObject({
        code: 'ERR_SLUICE_CHANGED',
      });
    }
  });

  it('adds to what sluice keeps of the same version, and replaces what is stale', async () => {
    const { path, fd } = opened();
    await storeChecksums(fd, { adler32: 1n }, { origin: 'written' });
    await storeChecksums(fd, { crc32: 2n });
    await storeChecksums(fd, { adler32: 3n });
    expect(await readChecksums(fd)).toMatchObject([
      { algorithm: 'adler32', value: 3n, state: 'fresh', origin: 'reread' },
      { algorithm: 'crc32', value: 2n, state: 'fresh', origin: 'reread' },
    ]);
    utimesSync(path, 1, 1);
    expect((await readChecksums(fd)).map(({ state }) => state)).toEqual(['stale', 'stale']);
    await storeChecksums(fd, { crc32c: 4n });
    expect(await readChecksums(fd)).toMatchObject([{ algorithm: 'crc32c', value: 4n, state: 'fresh' }]);
  });

  it('refuses what means nothing', async () => {
    const { fd } = opened();
    const refusal = { code: 'ERR_SLUICE_OPTION' };
    await expect(storeChecksums(fd, {})).rejects.toMatchObject(refusal);
    await expect(storeChecksums(fd, { adler32: 1n << 32n })).rejects.toMatchObject(refusal);
    await expect(storeChecksums(fd, { adler32: 1 as never })).rejects.toMatchObject(refusal);
    await expect(storeChecksums(fd, { md5: 1n } as never)).rejects.toMatchObject({
      code: 'ERR_SLUICE_ALGORITHM',
    });
    await expect(storeChecksums(fd, { crc32: 1n }, { profiles: ['xrdcks'] })).rejects.toMatchObject(refusal);
    await expect(
      storeChecksums(fd, { adler32: 1n }, { profiles: ['dcache' as never] }),
    ).rejects.toMatchObject(refusal);
    await expect(storeChecksums(fd, { adler32: 1n }, { when: 1 } as never)).rejects.toMatchObject(refusal);
    await expect(storeChecksums(9999, { adler32: 1n })).rejects.toMatchObject({
      code: 'ERR_SLUICE_BAD_DESCRIPTOR',
    });
    await expect(readChecksums(fd, { profiles: [] })).rejects.toMatchObject(refusal);
    expect(await listAttributes(fd)).toEqual([]);
  });

  it('says so where there is no room', async () => {
    const { fd } = opened();
    await fillAttributes(fd);
    await expect(storeChecksums(fd, { adler32: 1n }, { profiles: ['xrdcks'] })).rejects.toMatchObject({
      code: 'ERR_SLUICE_NO_SPACE',
    });
    expect(await getAttribute(fd, 'user.XrdCks.adler32')).toBeUndefined();
  });
});

it('a malformed attribute is reported, and has no value', async () => {
  const { fd } = opened();
  await storeChecksums(fd, { adler32: 1n });
  await setAttribute(fd, 'user.storm.checksum.adler32', Buffer.from('soon'));
  const read = await readChecksums(fd);
  expect(read).toMatchObject([
    { profile: 'sluice', state: 'fresh' },
    {
      profile: 'storm',
      attribute: 'user.storm.checksum.adler32',
      algorithms: ['adler32'],
      state: 'malformed',
    },
  ]);
  expect(read[1]).not.toHaveProperty('value');
  await clearChecksums(fd, { profiles: ['storm'] });
  expect(await readChecksums(fd)).toHaveLength(1);
});
