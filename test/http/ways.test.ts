/** What a client is told of the way to a file beneath a root: the same, whether the file is to be read or written. */

import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { fileHandler } from '../../lib/http/index.js';
import { openDescriptors, temporaryFolder } from '../helpers/files.js';
import { ask, listening } from '../helpers/http.js';

const base = temporaryFolder();
const root = join(base, 'root');
mkdirSync(join(root, 'folder'), { recursive: true });
mkdirSync(join(base, 'outside'));
writeFileSync(join(root, 'file'), 'file');
writeFileSync(join(base, 'outside', 'file'), 'secret');
symlinkSync(join(base, 'outside'), join(root, 'out'));
symlinkSync('folder', join(root, 'in'));
symlinkSync('nowhere', join(root, 'dangling'));
symlinkSync('loop', join(root, 'loop'));
symlinkSync('file', join(root, 'link'));

const long = 'n'.repeat(300);
/** Folders in each other: twice as many have more than PATH_MAX bytes, and no name among them is too long. */
const half = `${'d'.repeat(200)}/`.repeat(12);

let served = root;
let told: unknown[] = [];
let port = 0;
beforeEach(async () => {
  served = root;
  told = [];
  const handle = fileHandler({
    locate: ({ url }) => ({ root: served, path: decodeURIComponent(url as string) }),
    onError: (error) => told.push(error),
  });
  port = await listening((request, response) => void handle(request, response));
});

/** Statuses, and the code that both methods give; of a HEAD there is no body. */
async function answers(path: string): Promise<object> {
  const before = openDescriptors().filter((name) => name.startsWith(base));
  const get = await ask(port, 'GET', path);
  const head = await ask(port, 'HEAD', path);
  const put = await ask(port, 'PUT', path, { body: 'new' });
  expect(openDescriptors().filter((name) => name.startsWith(base))).toEqual(before);
  const codeOf = (body: string) => JSON.parse(body).code as string;
  return {
    statuses: [get.status, head.status, put.status],
    codes: [codeOf(get.body), codeOf(put.body)],
  };
}

describe('GET, HEAD and PUT', () => {
  it.each([
    ['a link out of the root, on the way', '/out/file', 403, 'ERR_SLUICE_OUTSIDE'],
    ['a link within the root, on the way', '/in/file', 403, 'ERR_SLUICE_OUTSIDE'],
    ['a link to nothing, on the way', '/dangling/file', 403, 'ERR_SLUICE_OUTSIDE'],
    ['a link to itself, on the way', '/loop/file', 403, 'ERR_SLUICE_OUTSIDE'],
    ['a link behind a folder that is missing', '/in/missing/file', 403, 'ERR_SLUICE_OUTSIDE'],
    ['a link at the end', '/link', 409, 'ERR_SLUICE_NOT_A_FILE'],
    ['a name that is too long, on the way', `/folder/${long}/file`, 414, 'ERR_SLUICE_TOO_LONG'],
    ['a name that is too long, at the end', `/folder/${long}`, 414, 'ERR_SLUICE_TOO_LONG'],
    ['a way up', '/folder/%2e%2e/file', 403, 'ERR_SLUICE_OUTSIDE'],
    ['no name', '/', 409, 'ERR_SLUICE_IS_DIRECTORY'],
    ['a folder', '/folder', 409, 'ERR_SLUICE_IS_DIRECTORY'],
  ])('are answered alike of %s', async (_, path, status, code) => {
    expect(await answers(path)).toEqual({ statuses: [status, status, status], codes: [code, code] });
    expect(told).toEqual([]);
    expect(readFileSync(join(base, 'outside', 'file'), 'utf8')).toBe('secret');
    expect(readdirSync(join(base, 'outside'))).toEqual(['file']);
  });

  it('each have an answer of their own where a folder is missing, or is none (RFC 9110, 15.5.5; RFC 4918, 9.7.1)', async () => {
    for (const path of ['/missing/file', '/file/file'])
      expect(await answers(path)).toEqual({
        statuses: [404, 404, 409],
        codes: ['ERR_SLUICE_NOT_FOUND', 'ERR_SLUICE_NO_FOLDER'],
      });
  });

  it.each(['missing', 'file/beneath', long])(
    'are answered alike of a root that is not there: %s',
    async (name) => {
      served = join(root, name);
      expect(await answers('/file')).toEqual({
        statuses: [500, 500, 500],
        codes: ['ERR_SLUICE_IO', 'ERR_SLUICE_IO'],
      });
      expect(told).toHaveLength(3);
      for (const error of told)
        expect(error).toMatchObject({
          code: 'ERR_SLUICE_IO',
          path: served,
          reason: expect.stringContaining(`The root ${served} could not be opened (`),
          remedy: 'Make or mount that folder.',
        });
    },
  );

  it('reach what has a way longer than PATH_MAX (4096 bytes)', async () => {
    // In two halves: no call takes the whole.
    mkdirSync(join(root, half), { recursive: true });
    mkdirSync(join(base, 'lower', half), { recursive: true });
    renameSync(join(base, 'lower'), join(root, half, 'lower'));
    onTestFinished(() => void execFileSync('rm', ['-r', join(root, 'd'.repeat(200))]));
    const deep = `/${half}lower/${half}file`;
    expect((await ask(port, 'PUT', deep, { body: 'deep' })).status).toBe(201);
    expect(await ask(port, 'GET', deep)).toMatchObject({ status: 200, body: 'deep' });
  });
});
