/** Files that are no longer what was stored, and what is asked of them. */

import { open } from 'node:fs/promises';
import { expect } from 'vitest';
import { readStanding, verifyChecksums } from '../../lib/files/xattr/index.js';
import type { SendOptions } from '../../lib/http/index.js';
import { temporaryFolder } from '../helpers/files.js';
import { rot, storedFile } from '../helpers/rot.js';
import { ask } from './serving.js';

export const folder: string = temporaryFolder();
export const size = 700_000;
export const onread: SendOptions = { verify: 'onread' };

/** A rotten file of two pieces. */
export async function rottenFile(bytes: number = size): Promise<string> {
  const path = await storedFile(folder, bytes);
  rot(path, 5);
  return path;
}

export async function withFile<T>(path: string, work: (fd: number) => Promise<T>): Promise<T> {
  await using file = await open(path);
  return await work(file.fd); // it is closed then
}

export const verify = (path: string): ReturnType<typeof verifyChecksums> =>
  withFile(path, (fd) => verifyChecksums(fd));
export const standingOf = (path: string): ReturnType<typeof readStanding> => withFile(path, readStanding);

export async function expectRefusal(
  port: number,
  headers: Record<string, string> = {},
  method = 'GET',
): Promise<void> {
  const answer = await ask(port, headers, method);
  expect(answer.status).toBe(500);
  expect(Object.keys(answer.headers)).not.toEqual(
    expect.arrayContaining([expect.stringMatching(/^(etag|accept-ranges|digest|repr-digest|retry-after)$/)]),
  );
  if (method === 'GET') {
    const problem = JSON.parse(String(answer.body));
    expect(problem).toMatchObject({
      code: 'ERR_SLUICE_CORRUPT',
      detail: expect.stringContaining('no longer those that were stored'),
    });
    expect(String(answer.body)).not.toContain(folder);
  }
}
