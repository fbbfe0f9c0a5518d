import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { SluiceError } from '../../../lib/errors/errors.js';
import { send } from '../../../lib/http/index.js';
import { fileOf, temporaryFolder } from '../../helpers/files.js';
import { listening } from '../../helpers/http.js';
import {
  ask,
  descriptorsOf,
  firstBytes,
  modified,
  oldFile,
  rawClient,
  serving,
  theRest,
} from '../serving.js';

const folder = temporaryFolder();

describe('the whole file', () => {
  // Around the size of the pieces: one of them, exactly one, a little more, many.
  it.each([1, 1000, 524287, 524288, 524289, 1048576, 3_000_001])('of %i bytes', async (size) => {
    const { path, content } = oldFile(folder, size);
    const { port, over } = await serving(path);
    const { status, headers, body } = await ask(port);
    expect(status).toBe(200);
    expect(body.equals(content)).toBe(true);
    expect(headers).toMatchObject({
      'content-length': String(size),
      'content-type': 'application/octet-stream',
      'last-modified': modified,
      'accept-ranges': 'bytes',
      etag: expect.stringMatching(/^"[0-9a-f-]+"$/),
    });
    expect(await over(1)).toEqual([{ status: 200, bytes: size, verified: false }]);
    expect(descriptorsOf(folder)).toBe(0);
  });

  it('of no bytes', async () => {
    const { port, over } = await serving(fileOf(folder, 0));
    for (const range of ['', 'bytes=-5']) {
      const { status, headers, body } = await ask(port, { Range: range });
      expect([status, headers['content-length'], body.length]).toEqual([200, '0', 0]);
    }
    expect((await ask(port, { Range: 'bytes=0-' })).status).toBe(416);
    const outcomes = await over(3);
    expect(outcomes.map((outcome) => 'status' in outcome && outcome.status)).toEqual([200, 200, 416]);
  });

  it('of HEAD has the same fields and no bytes', async () => {
    const { path } = oldFile(folder, 600_000);
    const { port } = await serving(path);
    const get = await ask(port);
    const head = await ask(port, { Range: 'bytes=0-1' }, 'HEAD');
    expect(head.status).toBe(200);
    expect(head.body.length).toBe(0);
    expect({ ...head.headers, date: '' }).toEqual({ ...get.headers, date: '' });
  });

  it('goes out many times on one connection, asked for all at once', async () => {
    const { path, content } = oldFile(folder, 700_000);
    const { port, over } = await serving(path);
    const one = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';
    const last = 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';
    const all = await theRest(await rawClient(port, one.repeat(24) + last));
    let found = 0;
    for (let at = all.indexOf(content); at >= 0; at = all.indexOf(content, at + content.length)) found++;
    expect(found).toBe(25);
    expect(await over(25)).toHaveLength(25);
    expect(descriptorsOf(folder)).toBe(0);
  });

  it('waits for a slow reader', async () => {
    const { path, content } = oldFile(folder, 40_000_000);
    const { port, responses } = await serving(path);
    const socket = await rawClient(port, 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    const first = await firstBytes(socket);
    // Once the buffers of both sockets are full.
    const held = () => responses[0]?.socket?.writableLength ?? 0;
    await expect.poll(held).toBeGreaterThan(0);
    expect(held()).toBeLessThanOrEqual(524288 + 1000); // one piece, and the header
    const all = Buffer.concat([first, await theRest(socket)]);
    expect(all.subarray(-content.length).equals(content)).toBe(true);
  });
});

describe('what is no file', () => {
  const beneath = mkdtempSync(join(folder, 'odd-'));
  const named = (name: string) => join(beneath, name);
  beforeAll(() => {
    mkdirSync(named('directory'));
    symlinkSync(fileOf(folder, 10), named('link'));
    symlinkSync('nowhere', named('dangling'));
    execFileSync('mkfifo', [named('fifo')]);
    fileOf(beneath, 1);
  });

  it.each([
    ['missing', 'ERR_SLUICE_NOT_FOUND', 404],
    ['link/beneath', 'ERR_SLUICE_NOT_FOUND', 404],
    ['n'.repeat(300), 'ERR_SLUICE_TOO_LONG', 414],
    ['directory', 'ERR_SLUICE_IS_DIRECTORY', 409],
    ['directory/', 'ERR_SLUICE_IS_DIRECTORY', 409],
    ['link', 'ERR_SLUICE_NOT_A_FILE', 409],
    ['dangling', 'ERR_SLUICE_NOT_A_FILE', 409],
    ['fifo', 'ERR_SLUICE_NOT_A_FILE', 409],
    ['/dev/zero', 'ERR_SLUICE_NOT_A_FILE', 409],
  ])('%s', async (name, code, status) => {
    const { port, over } = await serving(name.startsWith('/') ? name : named(name));
    const seen = await ask(port);
    expect(seen.status).toBe(status);
    expect(JSON.parse(seen.body.toString())).toMatchObject({ status, code });
    expect((await over(1))[0]).toBeInstanceOf(SluiceError);
    expect(descriptorsOf(folder)).toBe(0);
  });
});

describe('the call', () => {
  const path = fileOf(folder, 10);
  it.each<[string, unknown, unknown, string]>([
    ['an unknown option', path, { verfy: 'onread' }, 'There is no option "verfy"'],
    ['an option of another kind', path, { verify: true }, 'The option verify is one of never, onread'],
    ['an unknown field', path, { fields: ['digest'] }, 'The option fields is one of Digest,'],
    ['fields that are no list', path, { fields: 'Digest' }, 'The option fields is a list'],
    ['an unknown profile', path, { profiles: ['x'] }, 'There is no profile "x"'],
    ['onDemand: true', path, { onDemand: true }, 'The option onDemand is an OnDemandChecksums, or false'],
    ['a path with NUL', `${path}\0`, {}, 'is not a path'],
    ['no path', undefined, {}, 'What is sent is a path, a file: URL'],
  ])('with %s is refused', async (_, where, options, message) => {
    const errors: unknown[] = [];
    const port = await listening(async (_, response) => {
      await send(response, where as string, options as object).catch((error) => errors.push(error));
      response.writeHead(500).end();
    });
    expect((await ask(port)).status).toBe(500);
    expect(errors).toEqual([
      expect.objectContaining({ code: 'ERR_SLUICE_OPTION', message: expect.stringContaining(message) }),
    ]);
  });

  it('answers GET and HEAD only', async () => {
    const { port, over } = await serving(path);
    expect((await ask(port, {}, 'DELETE')).status).toBe(500);
    expect((await over(1))[0]).toMatchObject({ code: 'ERR_SLUICE_OPTION' });
  });

  it('serves what is beneath a root', async () => {
    const name = path.slice(folder.length + 1);
    const { port } = await serving({ root: folder, path: `/${name}` });
    expect((await ask(port)).body.equals(readFileSync(path))).toBe(true);
    const statusOf = async (path: string) => (await ask((await serving({ root: folder, path })).port)).status;
    mkdirSync(join(folder, 'way'));
    symlinkSync(folder, join(folder, 'way/back'));
    symlinkSync(path, join(folder, 'way/link'));
    expect(await statusOf(`way/../${name}`)).toBe(403);
    expect(await statusOf(`../${name}`)).toBe(403);
    expect(await statusOf(`way/back/${name}`)).toBe(403);
    expect(await statusOf('way/link')).toBe(409);
    expect(await statusOf('way')).toBe(409);
    expect(await statusOf('/')).toBe(409);
    expect(descriptorsOf(folder)).toBe(0);
  });
});
