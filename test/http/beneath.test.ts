import { mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { beneath } from '../../lib/http/beneath.js';
import { openDescriptors, temporaryFolder } from '../helpers/files.js';

const folder = temporaryFolder();
const root = join(folder, 'root');
mkdirSync(join(root, 'a', 'b'), { recursive: true });
mkdirSync(join(folder, 'outside'));
writeFileSync(join(root, 'a', 'b', 'file'), 'inside');
writeFileSync(join(folder, 'outside', 'file'), 'outside');
symlinkSync(join(folder, 'outside'), join(root, 'link'));
symlinkSync('..', join(root, 'a', 'up'));

const read = (path: string) => readFile(path, 'utf8');

describe('beneath a root', () => {
  it.each(['a/b/file', '/a/b/file', 'a//b/./file', '/./a/b/file'])('%s leads to the file', async (path) => {
    expect(await beneath(root, path, read)).toBe('inside');
  });

  it.each(['', '/', '.'])('%j leads to the root', async (path) => {
    expect(await beneath(root, path, (path) => read(`${path}/a/b/file`))).toBe('inside');
  });

  it.each([
    ['../outside/file', 'ERR_SLUICE_OUTSIDE'],
    ['a/../../outside/file', 'ERR_SLUICE_OUTSIDE'],
    ['a/b/..', 'ERR_SLUICE_OUTSIDE'],
    ['a\0/b/file', 'ERR_SLUICE_OUTSIDE'],
    ['link/file', 'ERR_SLUICE_OUTSIDE'],
    ['a/up/a/b/file', 'ERR_SLUICE_OUTSIDE'],
    ['a/b/file/file', 'ERR_SLUICE_NOT_FOUND'],
    ['missing/file', 'ERR_SLUICE_NOT_FOUND'],
    [`${'n'.repeat(300)}/file`, 'ERR_SLUICE_TOO_LONG'],
  ])('%j leads nowhere', async (path, code) => {
    await expect(beneath(root, path, read)).rejects.toMatchObject({ code, path });
  });

  it('a root that is missing is named', async () => {
    const missing = join(folder, 'missing');
    await expect(beneath(missing, 'a.txt', read)).rejects.toMatchObject({
      code: 'ERR_SLUICE_IO',
      path: missing,
      reason: expect.stringContaining(`The root ${missing} could not be opened (`),
      remedy: 'Make or mount that folder.',
    });
  });

  it('a path stays good when the folders above it are moved', async () => {
    await beneath(root, 'a/b/new', async (path) => {
      renameSync(join(root, 'a'), join(root, 'moved'));
      symlinkSync(join(folder, 'outside'), join(root, 'a'));
      await writeFile(path, 'new');
    });
    expect(readFileSync(join(root, 'moved', 'b', 'new'), 'utf8')).toBe('new');
  });

  it('nothing stays open', () => {
    expect(openDescriptors().filter((target) => target.startsWith(folder))).toEqual([]);
  });
});
