import { mkdtempSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { StagedFile } from '../../../lib/files/staging/staged-file.js';
import { temporaryFolder } from '../../helpers/files.js';

const top = temporaryFolder();
let root: string;
beforeEach(() => {
  root = mkdtempSync(join(top, 'at-'));
});

test.each(['.sluice-0', '.sluice-99', '.sluice-255', '.SLUICE-7', '.sluice-0123456789abcdef'])(
  'a file that is to stay is not called %s',
  async (path) => {
    for (const destination of [join(root, path), { root, path }])
      await expect(StagedFile.create(destination)).rejects.toMatchObject({
        code: 'ERR_SLUICE_RESERVED',
        message: expect.stringContaining(`${path} has a name of those that files have while`),
      });
    expect(readdirSync(root)).toEqual([]);
  },
);

test.each([
  '.sluice-',
  '.sluice-256',
  '.sluice-00',
  '.sluice-0.txt',
  '.sluice-0123456789abcdeg',
  'x.sluice-0',
])('but it may be called %s', async (path) => {
  await (await StagedFile.create({ root, path })).publish();
  expect(readdirSync(root)).toEqual([path]);
});
