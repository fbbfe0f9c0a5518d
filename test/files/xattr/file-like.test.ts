import { closeSync, openSync, symlinkSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import {
  clearChecksums,
  expectedChecksums,
  type FileLike,
  fillChecksums,
  getAttribute,
  listAttributes,
  readChecksums,
  readStanding,
  removeAttribute,
  setAttribute,
  storeChecksums,
  verifyChecksums,
  versionOf,
} from '../../../lib/files/xattr/index.js';
import { fileOf, openDescriptors, temporaryFolder } from '../../helpers/files.js';

const folder = temporaryFolder();

/** What every function does with a file that has no attributes yet. */
async function useAll(file: FileLike): Promise<unknown[]> {
  await setAttribute(file, 'user.mine', Buffer.from('1'));
  const mine = [await listAttributes(file), String(await getAttribute(file, 'user.mine'))];
  await removeAttribute(file, 'user.mine');
  const version = await versionOf(file);
  await storeChecksums(file, (await fillChecksums(file)).checksums, { profiles: ['storm'], version });
  const { verdict } = await verifyChecksums(file);
  const kept = [...(await expectedChecksums(file)).keys(), await readStanding(file)];
  const stored = await readChecksums(file);
  await clearChecksums(file);
  return [mine, verdict, kept, stored.map(({ attribute }) => attribute), await readChecksums(file)];
}

it('a file is named by a path, a URL, a descriptor or a FileHandle, and only what was opened here is closed', async () => {
  const path = fileOf(folder, 1000);
  const fd = openSync(path, 'r');
  const handle = await open(path);
  const before = openDescriptors();
  for (const file of [path, pathToFileURL(path), fd, handle]) {
    expect(await useAll(file)).toEqual([
      [['user.mine'], '1'],
      'ok',
      ['adler32', {}],
      ['user.sluice', 'user.storm.checksum.adler32'],
      [],
    ]);
    expect(openDescriptors()).toEqual(before);
  }
  closeSync(fd);
  await handle.close();
});

it('a path that is a symbolic link, or leads to no regular file, is refused', async () => {
  const link = join(folder, 'link');
  symlinkSync(fileOf(folder, 10), link);
  const refusals: [FileLike, string][] = [
    [link, 'ERR_SLUICE_NOT_A_FILE'],
    [folder, 'ERR_SLUICE_IS_DIRECTORY'],
    [join(folder, 'missing'), 'ERR_SLUICE_NOT_FOUND'],
    [new URL('https://example.org/'), 'ERR_SLUICE_OPTION'],
    ['', 'ERR_SLUICE_OPTION'],
    [-1, 'ERR_SLUICE_BAD_DESCRIPTOR'],
  ];
  for (const [file, code] of refusals) await expect(readChecksums(file)).rejects.toMatchObject({ code });
});
