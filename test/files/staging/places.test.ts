import { mkdirSync, rmSync, statSync, symlinkSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { moveFile, removeFile } from '../../../lib/files/staging/named-file.js';
import { type Destination, StagedFile } from '../../../lib/files/staging/staged-file.js';
import { openDescriptors, temporaryFolder } from '../../helpers/files.js';

async function staged(destination: Destination, content: string): Promise<StagedFile> {
  const file = await StagedFile.create(destination);
  writeSync(file.fd, content);
  return file;
}

describe('beneath a root', () => {
  const root = join(temporaryFolder(), 'root');
  mkdirSync(join(root, 'folder'), { recursive: true });
  writeFileSync(join(root, '..', 'secret'), 'secret');
  symlinkSync('..', join(root, 'up'));
  symlinkSync('../secret', join(root, 'link'));
  symlinkSync('folder', join(root, 'inside'));

  test.each(['a', '/a', '//a', 'folder/a', 'folder/./a', '..a', 'folder/a..'])(
    '%s is within',
    async (path) => {
      const file = await staged({ root, path }, 'x');
      await file.publish();
      rmSync(join(root, path));
    },
  );

  test.each([
    ['../a', 'ERR_SLUICE_OUTSIDE'],
    ['folder/../../a', 'ERR_SLUICE_OUTSIDE'],
    ['folder/../a', 'ERR_SLUICE_OUTSIDE'],
    ['up/a', 'ERR_SLUICE_OUTSIDE'],
    ['inside/a', 'ERR_SLUICE_OUTSIDE'],
    ['link', 'ERR_SLUICE_NOT_A_FILE'],
    ['link/a', 'ERR_SLUICE_OUTSIDE'],
    ['nowhere/a', 'ERR_SLUICE_NO_FOLDER'],
    ['folder', 'ERR_SLUICE_IS_DIRECTORY'],
    ['folder/', 'ERR_SLUICE_IS_DIRECTORY'],
    ['folder/..', 'ERR_SLUICE_OUTSIDE'],
    ['..', 'ERR_SLUICE_OUTSIDE'],
    ['.', 'ERR_SLUICE_IS_DIRECTORY'],
    ['/', 'ERR_SLUICE_IS_DIRECTORY'],
    ['', 'ERR_SLUICE_IS_DIRECTORY'],
    ['a\0b', 'ERR_SLUICE_OUTSIDE'],
  ])('%j is refused with %s', async (path, code) => {
    const before = openDescriptors();
    await expect(StagedFile.create({ root, path })).rejects.toMatchObject({ code });
    expect(openDescriptors()).toEqual(before);
  });

  test('a root that is missing is named, of two the one that is', async () => {
    const [path, missing] = ['a', join(root, 'missing')];
    const named = { code: 'ERR_SLUICE_IO', path: missing };
    const [here, nowhere] = [
      { root, path },
      { root: missing, path },
    ];
    await expect(StagedFile.create(nowhere)).rejects.toMatchObject(named);
    await expect(removeFile(nowhere)).rejects.toMatchObject(named);
    await expect(moveFile(here, nowhere)).rejects.toMatchObject(named);
    await expect(moveFile(nowhere, here)).rejects.toMatchObject(named);
  });

  test('a name that is too long for any file', async () => {
    await expect(StagedFile.create({ root, path: 'x'.repeat(300) })).rejects.toMatchObject({
      code: 'ERR_SLUICE_TOO_LONG',
    });
  });
});

test('the umask counts, and a mode can be given', async () => {
  const folder = temporaryFolder();
  const path = join(folder, 'file');
  await (await StagedFile.create(path)).publish();
  expect(statSync(path).mode & 0o777).toBe(0o666 & ~process.umask());
  await (await StagedFile.create(path, { mode: 0o640 })).publish();
  expect(statSync(path).mode & 0o777).toBe(0o640 & ~process.umask());
});
