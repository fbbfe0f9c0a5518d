import { execFileSync } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, symlinkSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { SluiceError } from '../../lib/errors.js';
import { send } from '../../lib/http/index.js';
import { fileOf, temporaryFolder } from '../helpers/files.js';
import { listening } from '../helpers/http.js';
import { ask, descriptorsOf, firstBytes, rawClient, serving, theRest } from './serving.js';

const folder = temporaryFolder();
const modified = 'Sun, 09 Sep 2001 01:46:40 GMT';

/** A file of that many random bytes, last modified at `modified`. */
function oldFile(size: number): { path: string; content: Buffer } {
  const path = fileOf(folder, size);
  utimesSync(path, 1e9, 1e9);
  return { path, content: readFileSync(path) };
}

describe('the whole file', () => {
  // Around the size of the pieces: one of them, exactly one, a little more, many.
  it.each([1, 1000, 524287, 524288, 524289, 1048576, 3_000_001])('of %i bytes', async (size) => {
    const { path, content } = oldFile(size);
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
    const { path } = oldFile(600_000);
    const { port } = await serving(path);
    const get = await ask(port);
    const head = await ask(port, { Range: 'bytes=0-1' }, 'HEAD');
    expect(head.status).toBe(200);
    expect(head.body.length).toBe(0);
    expect({ ...head.headers, date: '' }).toEqual({ ...get.headers, date: '' });
  });

  it('goes out many times on one connection, asked for all at once', async () => {
    const { path, content } = oldFile(700_000);
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
    const { path, content } = oldFile(40_000_000);
    const { port, responses } = await serving(path);
    const socket = await rawClient(port, 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    let most = 0;
    socket.on('data', () => {
      most = Math.max(most, responses[0]?.socket?.writableLength ?? 0);
      socket.pause();
      setImmediate(() => socket.resume());
    });
    const all = await theRest(socket);
    expect(all.subarray(-content.length).equals(content)).toBe(true);
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThanOrEqual(524288 + 1000); // one piece, and the header
  });
});

describe('a part', () => {
  const size = 1_500_000;
  let path: string;
  let content: Buffer;
  let etag: string;
  beforeAll(async () => {
    ({ path, content } = oldFile(size));
  });

  it.each<[string, number, number]>([
    ['bytes=0-0', 0, 1],
    ['bytes=0-', 0, size],
    ['bytes=5-9', 5, 10],
    ['bytes=524287-1048576', 524287, 1048577],
    [`bytes=${size - 1}-`, size - 1, size],
    [`bytes=10-${size}`, 10, size],
    ['bytes=10-99999999999999999999999', 10, size],
    ['bytes=-1', size - 1, size],
    ['bytes=-600000', size - 600000, size],
    ['bytes=-99999999999', 0, size],
    ['BYTES=1-2', 1, 3],
  ])('%s', async (range, start, end) => {
    const { port, over } = await serving(path);
    const { status, headers, body } = await ask(port, { Range: range });
    expect(status).toBe(206);
    expect(headers['content-range']).toBe(`bytes ${start}-${end - 1}/${size}`);
    expect(headers['content-length']).toBe(String(end - start));
    expect(body.equals(content.subarray(start, end))).toBe(true);
    expect(await over(1)).toEqual([{ status: 206, bytes: end - start, verified: false }]);
  });

  it.each([`bytes=${size}-`, `bytes=${size}-${size}`, 'bytes=-0', 'bytes=99999999999999999999-'])(
    '%s is not there',
    async (range) => {
      const { port } = await serving(path);
      const { status, headers, body } = await ask(port, { Range: range });
      expect([status, headers['content-range'], body.length]).toEqual([416, `bytes */${size}`, 0]);
    },
  );

  it.each([
    'bytes=',
    'bytes=-',
    'bytes=9-5',
    'bytes=a-b',
    'bytes= 0-1',
    'bytes=0-1,5-6',
    'bytes=0-1,',
    'bytes=+1-2',
    'bytes=0x1-2',
    'bytes 0-1',
    'lines=0-1',
    '0-1',
  ])('%j is the whole file', async (range) => {
    const { port } = await serving(path);
    const { status, headers, body } = await ask(port, { Range: range });
    expect([status, headers['content-range'], body.length]).toEqual([200, undefined, size]);
  });

  it('is refused if it takes more than a field may', async () => {
    const { port } = await serving(path);
    expect((await ask(port, { Range: `bytes=${'0'.repeat(5000)}-` })).status).toBe(400);
  });

  it('depends on If-Range', async () => {
    const { port } = await serving(path);
    etag = (await ask(port, {}, 'HEAD')).headers.etag as string;
    const statusWith = async (condition: string) =>
      (await ask(port, { Range: 'bytes=0-9', 'If-Range': condition })).status;
    expect(await statusWith(etag)).toBe(206);
    for (const other of ['"x"', `W/${etag}`, `${etag}, ${etag}`, '*', modified, 'nonsense'])
      expect(await statusWith(other)).toBe(200);
  });
});

describe('conditions', () => {
  it('are answered with 304 and 412, before ranges', async () => {
    const { path } = oldFile(100);
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
    const { path } = oldFile(100);
    const { port } = await serving(path);
    const before = (await ask(port)).headers.etag;
    utimesSync(path, 2e9, 2e9); // in the future
    const { headers } = await ask(port);
    expect(headers.etag).not.toBe(before);
    expect(Date.parse(headers['last-modified'] as string)).toBeLessThanOrEqual(Date.now());
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
    ['n'.repeat(300), 'ERR_SLUICE_NOT_FOUND', 404],
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
    ['no path', undefined, {}, 'A file is named by a path'],
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
    expect(await statusOf(`way/back/${name}`)).toBe(404);
    expect(await statusOf('way/link')).toBe(409);
    expect(await statusOf('way')).toBe(409);
    expect(await statusOf('/')).toBe(409);
    expect(descriptorsOf(folder)).toBe(0);
  });
});

describe('a client that leaves', () => {
  const big = () => {
    const path = fileOf(folder, 1);
    execFileSync('truncate', ['-s', '1G', path]);
    return path;
  };

  it('in the middle frees the file', async () => {
    const { port, over } = await serving(big());
    const socket = await rawClient(port, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await firstBytes(socket);
    socket.destroy();
    const [outcome] = await over(1);
    expect(outcome).toMatchObject({ code: 'ERR_SLUICE_DISCONNECTED' });
    expect((outcome as SluiceError).bytes).toBeLessThan(2 ** 30);
    expect(descriptorsOf(folder)).toBe(0);
  });

  it('frees what waits behind it on the same connection', async () => {
    const { port, responses, over } = await serving(big());
    const socket = await rawClient(port, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(20));
    await firstBytes(socket);
    await expect.poll(() => responses.length).toBe(20);
    socket.destroy();
    const outcomes = await over(20);
    for (const outcome of outcomes) expect(outcome).toMatchObject({ code: 'ERR_SLUICE_DISCONNECTED' });
    expect(descriptorsOf(folder)).toBe(0);
  });
});

describe('requests that come at once on one connection', () => {
  it('are answered in order, one file open at a time', async () => {
    const { path, content } = oldFile(10_000);
    const count = 500;
    const gate = new EventEmitter().setMaxListeners(0);
    let [there, most] = [0, 0];
    const port = await listening(async (_, response) => {
      if (++there === count) gate.emit('all there');
      else await once(gate, 'all there');
      await send(response, path);
      most = Math.max(most, descriptorsOf(folder));
    });
    const asked = Array.from(
      { length: count },
      (_, i) => `GET / HTTP/1.1\r\nHost: x\r\nRange: bytes=${i}-${2 * i}`,
    );
    const socket = await rawClient(port, `${asked.join('\r\n\r\n')}\r\nConnection: close\r\n\r\n`);
    let rest = await theRest(socket);
    for (let i = 0; i < count; i++) {
      const body = rest.indexOf('\r\n\r\n') + 4;
      expect(rest.toString('latin1', 0, body)).toContain(`Content-Range: bytes ${i}-${2 * i}/10000\r\n`);
      expect(rest.subarray(body, body + i + 1).equals(content.subarray(i, 2 * i + 1))).toBe(true);
      rest = rest.subarray(body + i + 1);
    }
    expect(rest.length).toBe(0);
    expect(most).toBeLessThanOrEqual(1);
    await expect.poll(() => descriptorsOf(folder)).toBe(0);
  });

  it('end it if more than a thousand wait', async () => {
    const { path } = oldFile(10);
    const errors: unknown[] = [];
    let there = 0;
    const port = await listening(async (_, response) => {
      there++;
      // Nobody answers the first.
      if (response.socket === null) await send(response, path).catch((error) => errors.push(error));
    });
    const get = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';
    const socket = await rawClient(port, get.repeat(1001));
    const closed = theRest(socket);
    await expect.poll(() => there).toBe(1001);
    expect(errors).toEqual([]);
    socket.write(get);
    expect((await closed).length).toBe(0);
    await expect.poll(() => errors.length).toBe(1001);
    for (const error of errors) expect(error).toMatchObject({ code: 'ERR_SLUICE_DISCONNECTED', path });
  });
});
