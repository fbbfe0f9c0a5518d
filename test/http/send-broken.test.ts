import { readFileSync, truncateSync, utimesSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fileOf, temporaryFolder } from '../helpers/files.js';
import { overwrite, rot, storedFile } from '../helpers/rot.js';
import { ask, descriptorsOf, firstBytes, rawClient, serving, theRest } from './serving.js';

const folder = temporaryFolder();
const get = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';

/** What followed the header of an answer, until the connection ended. */
function bodyOf(bytes: Buffer): Buffer {
  return bytes.subarray(bytes.indexOf('\r\n\r\n') + 4);
}

describe('a file that is changed while it is sent', () => {
  // More than the buffers of two sockets hold: the server is in the middle while the client does not read.
  const size = 64 << 20;
  it.each<[string, (path: string) => void]>([
    ['cut short', (path) => truncateSync(path, 1000)],
    ['cut short by one byte', (path) => truncateSync(path, size - 1)],
    ['longer', (path) => truncateSync(path, size + 1)],
    ['overwritten where it was sent already', (path) => overwrite(path, 0)],
    ['overwritten at its end', (path) => overwrite(path, size - 1)],
  ])('%s', async (_, change) => {
    const path = fileOf(folder, 0);
    truncateSync(path, size);
    utimesSync(path, 1e9, 1e9);
    const { port, over } = await serving(path);
    const socket = await rawClient(port, get);
    const first = await firstBytes(socket);
    change(path);
    const body = bodyOf(Buffer.concat([first, await theRest(socket)]));
    const [outcome] = await over(1);
    expect(first.toString('latin1')).toContain(`Content-Length: ${size}\r\n`);
    expect(body.length).toBeLessThanOrEqual(size - 524288);
    expect(outcome).toMatchObject({ code: 'ERR_SLUICE_CHANGED', path });
    expect(descriptorsOf(folder)).toBe(0);
  });
});

describe("verify: 'onread'", () => {
  const last = 300_000;
  const size = 4 * 524288 + last;

  it('serves what is as it was stored', async () => {
    const path = await storedFile(folder, size);
    const { port, over } = await serving(path, { verify: 'onread' });
    expect((await ask(port)).body.equals(readFileSync(path))).toBe(true);
    expect(await over(1)).toMatchObject([{ status: 200, bytes: size, verified: true }]);
  });

  it.each([0, 524288, size - last - 1, size - last, size - 1])(
    'keeps the last piece back if byte %i has rotten',
    async (at) => {
      const path = await storedFile(folder, size);
      rot(path, at);
      const { port, over } = await serving(path, { verify: 'onread', fields: ['Digest'] });
      const all = await theRest(await rawClient(port, get));
      const [outcome] = await over(1);
      expect(all.toString('latin1', 0, 1000)).toContain(`Content-Length: ${size}\r\n`);
      expect(bodyOf(all).length).toBeLessThanOrEqual(size - last);
      expect(outcome).toMatchObject({
        code: 'ERR_SLUICE_CORRUPT',
        path,
        message: expect.stringMatching(/^The adler32 of .* is [0-9a-f]{8}, not [0-9a-f]{8} as was stored/),
      });
      expect(descriptorsOf(folder)).toBe(0);
    },
  );

  it('answers with an error if nothing was sent yet', async () => {
    const path = await storedFile(folder, 1000);
    rot(path, 500);
    const { port } = await serving(path, { verify: 'onread' });
    const { status, headers, body } = await ask(port);
    expect(status).toBe(500);
    expect(headers).toMatchObject({ 'content-type': 'application/problem+json' });
    expect(headers['accept-ranges']).toBeUndefined();
    const problem = body.toString();
    expect(JSON.parse(problem)).toMatchObject({ code: 'ERR_SLUICE_CORRUPT' });
    expect(problem).not.toContain(folder);
  });

  it.each(['bytes=0-', 'bytes=0-999', 'bytes=-99999999'])(
    'is done for all of a file as %s',
    async (range) => {
      const path = await storedFile(folder, 1000);
      const { port, over } = await serving(path, { verify: 'onread' });
      expect((await ask(port, { Range: range })).body.equals(readFileSync(path))).toBe(true);
      rot(path, 500);
      expect((await ask(port, { Range: range })).status).toBe(500);
      expect(await over(2)).toMatchObject([
        { status: 206, bytes: 1000, verified: true },
        expect.objectContaining({ code: 'ERR_SLUICE_CORRUPT' }),
      ]);
    },
  );

  it('serves an empty file', async () => {
    const path = await storedFile(folder, 0);
    const { port, over } = await serving(path, { verify: 'onread' });
    expect((await ask(port)).status).toBe(200);
    expect(await over(1)).toMatchObject([{ status: 200, bytes: 0, verified: true }]);
  });

  it('says that it verified nothing of a part, of HEAD, and where nothing fresh is stored', async () => {
    const path = await storedFile(folder, size);
    rot(path, 5);
    const { port, over } = await serving(path, { verify: 'onread' });
    expect((await ask(port, { Range: 'bytes=0-9' })).status).toBe(206);
    expect((await ask(port, {}, 'HEAD')).status).toBe(200);
    utimesSync(path, 2e9, 2e9); // stale: somebody wrote to it
    expect((await ask(port)).body.equals(readFileSync(path))).toBe(true);
    expect(await over(3)).toEqual([
      { status: 206, bytes: 10, verified: false },
      { status: 200, bytes: 0, verified: false },
      { status: 200, bytes: size, verified: false },
    ]);
  });

  it('is not done without being asked for', async () => {
    const path = await storedFile(folder, size);
    rot(path, 5);
    const { port, over } = await serving(path);
    expect((await ask(port)).body.equals(readFileSync(path))).toBe(true);
    expect(await over(1)).toEqual([{ status: 200, bytes: size, verified: false }]);
  });
});
