/** What a caller's own part throws is the caller's to catch: in processes of their own, because it would end them. */

import { execFileSync } from 'node:child_process';
import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { fileOf, temporaryFolder } from '../helpers/files.js';
import { start } from '../helpers/program.js';

const folder = temporaryFolder();
const program = new URL('programs/throwing.mjs', import.meta.url);

function holes(size: number): string {
  const path = fileOf(folder, 0);
  truncateSync(path, size);
  return path;
}

/** The lines that a scene of the program prints. */
async function printed(scene: string, path: string): Promise<string[]> {
  const { rest, complaints } = start(program, [scene, path]);
  const lines = (await rest()).split('\n');
  expect(complaints()).toBe('');
  return lines;
}

it('a URL that leads to no file is an error of this source', async () => {
  const lines = await printed('noFile', fileOf(folder, 10));
  expect(lines.map((line) => line.split(' (')[0])).toEqual([
    '10',
    'ERR_SLUICE_OPTIONhttp://example.org/x leads to no file of this machine',
    'ERR_SLUICE_OPTIONfile:///a%2Fb leads to no file of this machine',
    'ERR_SLUICE_OPTION"/a\\u0000b" is not a path',
    'ERR_SLUICE_OPTIONfile://elsewhere/x leads to no file of this machine',
  ]);
});

it('what a source throws comes after the sums of the sources before it', async () => {
  expect(await printed('source', holes(2 ** 28))).toEqual([`${2 ** 28}`, 'own']);
});

it('what onProgress throws ends a sum while it is at work', async () => {
  expect(await printed('progressOfSum', holes(2 ** 32))).toEqual(['own, at work', 'own, at work']);
});

it('what onProgress throws ends a relay while it is at work', async () => {
  const fifo = join(folder, 'fifo');
  execFileSync('mkfifo', [fifo]);
  expect(await printed('progressOfRelay', fifo)).toEqual(['own, at work']);
});
