import { closeSync, openSync, utimesSync, writeFileSync } from 'node:fs';
import { expect, it, onTestFinished } from 'vitest';
import { getAttribute, setAttribute } from '../../../lib/files/xattr/attributes.js';
import {
  clearChecksums,
  fillChecksums,
  type Profile,
  readChecksums,
  readStanding,
  storeChecksums,
  verifyChecksums,
} from '../../../lib/files/xattr/index.js';
import { native } from '../../../lib/native/index.js';
import { fillAttributes } from '../../helpers/attributes.js';
import { fileOf, temporaryFolder } from '../../helpers/files.js';
import { plantRot } from './rot.js';

const folder = temporaryFolder();

interface Opened {
  path: string;
  fd: number;
}

function opened(flags = 'r'): Opened {
  const path = fileOf(folder, 1000);
  utimesSync(path, 1e9, 1e9);
  const fd = openSync(path, flags);
  onTestFinished(() => closeSync(fd));
  return { path, fd };
}

async function rotten(...profiles: Profile[]): Promise<Opened> {
  const file = opened();
  await fillChecksums(file.fd, { profiles, algorithms: ['adler32', 'crc32c'] });
  plantRot(file.path, 500);
  return file;
}

const record = async (fd: number) => String(await getAttribute(fd, 'user.sluice'));

it('a file found rotten is marked once, beside its values and what is unknown', async () => {
  const { fd } = await rotten('sluice');
  await setAttribute(fd, 'user.sluice', Buffer.from(`${await record(fd)} later=x`));
  const before = await record(fd);
  expect((await verifyChecksums(fd)).verdict).toBe('rot');
  const { rot } = await readStanding(fd);
  expect(Math.abs(Date.now() - Number(rot))).toBeLessThan(60_000);
  expect(await record(fd)).toBe(before.replace(' later', ` rot=${Number(rot) / 1000} later`));
  const marked = (await record(fd)).replace(/rot=\d+/, 'rot=1');
  await setAttribute(fd, 'user.sluice', Buffer.from(marked));
  await verifyChecksums(fd);
  expect(await record(fd)).toBe(marked);
});

it('a file whose values lie in xrdcks only is marked, too', async () => {
  const { path, fd } = await rotten('xrdcks');
  expect((await verifyChecksums(fd)).verdict).toBe('rot');
  expect(await record(fd)).toMatch(/^v1 size=1000 mtime=1000000000000000000 rot=\d+$/);
  plantRot(path, 500); // the bit is what it was
  expect((await verifyChecksums(fd)).verdict).toBe('ok');
  expect(await readStanding(fd)).toEqual({ repaired: expect.any(Date) });
});

it('a mark of another version says nothing', async () => {
  const { path, fd } = await rotten('sluice');
  await verifyChecksums(fd);
  utimesSync(path, 2, 2);
  expect(await readStanding(fd)).toEqual({});
  await storeChecksums(fd, { adler32: 1n });
  expect(await record(fd)).toBe('v1 size=1000 mtime=2000000000 adler32=00000001/reread');
});

it('each repair has a time of its own', async () => {
  const { path, fd } = await rotten('sluice');
  const times: unknown[] = [];
  for (let round = 0; round < 3; round++) {
    await verifyChecksums(fd);
    plantRot(path, 500);
    await verifyChecksums(fd);
    times.push(Number((await readStanding(fd)).repaired));
    plantRot(path, 500);
  }
  expect(new Set(times).size).toBe(3);
});

it('a value that is right hides no other that was stored', async () => {
  const { fd } = await rotten('sluice');
  await storeChecksums(fd, { crc64nvme: 1n });
  const { checksums } = await fillChecksums(fd, { algorithms: ['crc32'], replaceRot: true });
  await storeChecksums(fd, { adler32: 1n });
  expect(await verifyChecksums(fd, { algorithms: ['crc32'] })).toMatchObject({
    verdict: 'rot',
    checksums: [
      { algorithm: 'crc32', value: checksums.get('crc32') },
      { algorithm: 'adler32', hex: '00000001' },
    ],
  });
  expect((await readStanding(fd)).rot).toBeDefined();
});

it('a value without a time proves no rot: the file is not marked', async () => {
  const { fd } = await rotten('storm');
  expect((await verifyChecksums(fd)).verdict).toBe('rot');
  expect(await readStanding(fd)).toEqual({});
});

it('a caller that has the file open for writing marks nothing: it may be the one that wrote', async () => {
  const { path, fd } = opened('r+');
  await fillChecksums(fd);
  plantRot(path, 500);
  expect((await verifyChecksums(fd)).verdict).toBe('rot');
  await expect(fillChecksums(fd)).rejects.toMatchObject({ code: 'ERR_SLUICE_CORRUPT' });
  expect(await readStanding(fd)).toEqual({});
});

it('a mark that has no room is remembered by this process, and the verification says why', async () => {
  const { path, fd } = await rotten('sluice');
  await fillAttributes(fd);
  const { verdict, markFailure } = await verifyChecksums(fd);
  expect({ verdict, code: markFailure?.code }).toEqual({ verdict: 'rot', code: 'ERR_SLUICE_NO_SPACE' });
  expect(await record(fd)).not.toContain('rot=');
  expect((await readStanding(fd)).rot).toBeDefined();
  plantRot(path, 500);
  expect((await verifyChecksums(fd)).verdict).toBe('ok');
  expect(await readStanding(fd)).toEqual({ repaired: expect.any(Date) });
});

it('a mark for which the record itself has no room is remembered by this process', async () => {
  const { fd } = await rotten('sluice');
  const start = 'v1 size=1000 mtime=1000000000000000000 adler32=00000001/';
  const full = Buffer.from(`${start}${'f'.repeat(1015 - start.length)}`);
  await setAttribute(fd, 'user.sluice', full);
  expect(await verifyChecksums(fd)).toMatchObject({
    verdict: 'rot',
    markFailure: { code: 'ERR_SLUICE_NO_SPACE' },
  });
  expect(await getAttribute(fd, 'user.sluice')).toEqual(full);
  expect((await readStanding(fd)).rot).toBeDefined();
});

it('an attribute that is malformed, perhaps to this version only, is not overwritten by a mark', async () => {
  const { fd } = await rotten('xrdcks');
  const later = Buffer.from('v2 of another kind');
  await setAttribute(fd, 'user.sluice', later);
  expect(await verifyChecksums(fd)).toMatchObject({ markFailure: { attribute: 'user.sluice' } });
  expect(await getAttribute(fd, 'user.sluice')).toEqual(later);
  expect((await readStanding(fd)).rot).toBeDefined();
});

it('new values certify no rot: nothing is stored, and the file is marked', async () => {
  for (const profile of ['sluice', 'xrdcks'] as const) {
    const { fd } = await rotten(profile);
    const before = await readChecksums(fd);
    const filling = fillChecksums(fd, {
      profiles: ['sluice', 'storm'],
      algorithms: ['adler32', 'crc64nvme'],
    });
    await expect(filling).rejects.toMatchObject({
      code: 'ERR_SLUICE_CORRUPT',
      message: expect.stringContaining('--replace-rot'),
    });
    expect(await readChecksums(fd)).toEqual(before);
    expect((await readStanding(fd)).rot).toBeDefined();
  }
});

it('a mark outlives the values, and new ones beside it are refused', async () => {
  const { fd } = await rotten('sluice');
  await verifyChecksums(fd);
  await clearChecksums(fd);
  expect(await readChecksums(fd)).toEqual([]);
  expect(await verifyChecksums(fd)).toMatchObject({ verdict: 'rot', bytes: 0 });
  await expect(fillChecksums(fd)).rejects.toMatchObject({ code: 'ERR_SLUICE_CORRUPT' });
});

it('replaceRot takes the file as it is, and leaves nothing that differs', async () => {
  const { fd } = await rotten('sluice', 'storm', 'xrdcks');
  await verifyChecksums(fd);
  await fillChecksums(fd, { algorithms: ['crc64nvme'], replaceRot: true });
  expect(await verifyChecksums(fd)).toMatchObject({ verdict: 'ok', checksums: { length: 6 } });
  expect(await readStanding(fd)).toEqual({ repaired: expect.any(Date) });
  await expect(fillChecksums(fd, { replaceRot: 1 as never })).rejects.toMatchObject({
    code: 'ERR_SLUICE_OPTION',
  });
});

it('values stored for a marked version take the mark away, unless an older one is left beside them', async () => {
  const { fd } = await rotten('sluice');
  await verifyChecksums(fd);
  await storeChecksums(fd, { adler32: 1n });
  expect((await readStanding(fd)).rot).toBeDefined();
  await storeChecksums(fd, { adler32: 1n, crc32c: 2n });
  expect((await readStanding(fd)).rot).toBeUndefined();
});

it('a file that was rotten and is repaired may be filled', async () => {
  const { path, fd } = await rotten('sluice');
  await verifyChecksums(fd);
  plantRot(path, 500);
  await fillChecksums(fd, { algorithms: ['crc32'] });
  expect(await readStanding(fd)).toEqual({ repaired: expect.any(Date) });
  writeFileSync(path, 'another');
  expect(await readStanding(fd)).toEqual({});
});

it('a file written again within the second of its record is stale, not rotten, where sluice tells', async () => {
  const { path, fd } = opened();
  await fillChecksums(fd, { profiles: ['sluice', 'xrdcks'], algorithms: ['adler32', 'crc32c'] });
  plantRot(path, 500);
  native.setTimes(fd, 10n ** 18n, 10n ** 18n + 1n);
  expect((await verifyChecksums(fd)).verdict).toBe('stale');
  expect(await readStanding(fd)).toEqual({});
  await fillChecksums(fd);
  expect((await verifyChecksums(fd)).verdict).toBe('ok');
});

it('a marked file is found good by whatever is stored of it, also where something else was asked for', async () => {
  const { path, fd } = await rotten('sluice');
  await verifyChecksums(fd);
  expect((await verifyChecksums(fd, { profiles: ['storm'] })).verdict).toBe('rot');
  plantRot(path, 500);
  expect((await verifyChecksums(fd, { profiles: ['storm'] })).verdict).toBe('missing');
  expect(await readStanding(fd)).toEqual({ repaired: expect.any(Date) });
});
