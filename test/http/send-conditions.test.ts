import { utimesSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../helpers/files.js';
import { ask, descriptorsOf, modified, oldFile, serving } from './serving.js';

const folder = temporaryFolder();

describe('conditions', () => {
  it('are answered with 304 and 412, before ranges', async () => {
    const { path } = oldFile(folder, 100);
    const { port, over } = await serving(path);
    const { etag } = (await ask(port)).headers as { etag: string };
    const cases: [Record<string, string>, number][] = [
      [{ 'If-None-Match': etag }, 304],
      [{ 'If-None-Match': `"x", W/${etag}`, Range: 'bytes=0-0' }, 304],
      [{ 'If-None-Match': '"x"' }, 200],
      [{ 'If-None-Match': 'malformed' }, 200],
      [{ 'If-Modified-Since': modified }, 304],
      [{ 'If-Modified-Since': 'Sun, 09 Sep 2001 01:46:39 GMT' }, 200],
      [{ 'If-Match': '"x"' }, 412],
      [{ 'If-Match': etag, Range: 'bytes=100-' }, 416],
      [{ 'If-Match': 'malformed' }, 400],
      [{ 'If-Unmodified-Since': 'Sun, 09 Sep 2001 01:46:39 GMT', Range: 'bytes=100-' }, 412],
    ];
    for (const [headers, status] of cases) {
      for (const method of ['GET', 'HEAD']) {
        const expected = status === 416 && method === 'HEAD' ? 200 : status;
        const seen = await ask(port, headers, method);
        expect([headers, method, seen.status]).toEqual([headers, method, expected]);
        if (status === 304 || status === 412) {
          expect(seen.headers).toMatchObject({ etag, 'last-modified': modified });
          expect(seen.body.length).toBe(0);
        }
      }
    }
    expect(await over(21)).toContainEqual({ status: 304, bytes: 0, verified: false });
    expect(descriptorsOf(folder)).toBe(0);
  });

  it('see a file that is replaced', async () => {
    const { path } = oldFile(folder, 100);
    const { port } = await serving(path);
    const before = (await ask(port)).headers.etag;
    utimesSync(path, 2e9, 2e9); // in the future
    const { headers } = await ask(port);
    expect(headers.etag).not.toBe(before);
    expect(Date.parse(headers['last-modified'] as string)).toBeLessThanOrEqual(Date.now());
  });
});
