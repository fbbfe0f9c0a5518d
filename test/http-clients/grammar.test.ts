/** The grammar of WebDAV (RFC 4918), as the example server takes it: each case has its section. */

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Answer, ask, type Sent } from '../helpers/http.js';
import { served } from './serve.js';

const server = served(
  '--public-url',
  'https://dav.example.org/',
  '--public-url',
  'http://other.example:8080',
);
const send = (method: string, path: string, sent?: Sent): Promise<Answer> =>
  ask(server.port, method, path, sent);
const onDisk = (path: string) => readFileSync(join(server.root, path), 'utf8');

/** Sends a request as it is: helpers would encode it, or refuse to send it. */
async function raw(line: string, ...fields: string[]): Promise<string> {
  const socket = connect(server.port, '127.0.0.1');
  socket.write(
    Buffer.from(`${[`${line} HTTP/1.1`, ...fields, 'Connection: close'].join('\r\n')}\r\n\r\n`, 'latin1'),
  );
  return text(socket);
}
const statusOf = (answer: string) => Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]);
/** As many characters as bytes. */
const bytes = (path: string) => Buffer.from(path).toString('latin1');

beforeEach(async () => {
  if (!readdirSync(server.root).includes('folder')) await send('MKCOL', '/folder');
  writeFileSync(join(server.root, 'file'), 'file');
});
afterEach(() => expect(server.complaints()).toBe(''));

describe('Depth', () => {
  const lockinfo =
    '<lockinfo xmlns="DAV:"><lockscope><exclusive/></lockscope><locktype><write/></locktype></lockinfo>';
  it.each([
    ['COPY', '/folder', '1'], // 9.8.3
    ['COPY', '/file', 'junk'],
    ['COPY', '/folder', '0, 0'],
    ['MOVE', '/folder', '0'], // 9.9.2
    ['MOVE', '/folder', '1'],
    ['MOVE', '/file', 'junk'],
    ['DELETE', '/folder', '0'], // 9.6.1
    ['DELETE', '/folder', '1'],
    ['LOCK', '/file', '1'], // 9.10.3
    ['LOCK', '/file', 'junk'],
    ['PROPFIND', '/folder', 'every'], // 9.1
    ['PROPFIND', '/file', ''],
    ['PROPFIND', '/file', '2'],
  ])('of %s %s is not %j', async (method, path, Depth) => {
    const headers = { Depth, Destination: '/made' };
    const body = method === 'LOCK' ? lockinfo : '';
    expect((await send(method, path, { headers, body })).status).toBe(400);
    expect(readdirSync(server.root).sort()).toEqual(['file', 'folder']);
  });

  it.each(['Infinity', undefined])('of a PROPFIND is not %s for a folder, in an element', async (depth) => {
    const headers: Record<string, string> = depth === undefined ? {} : { Depth: depth };
    const answer = await send('PROPFIND', '/folder', { headers });
    expect(answer.status).toBe(403); // 9.1.1
    expect(answer.headers['content-type']).toMatch(/^application\/xml/);
    expect(answer.body).toContain('<D:error xmlns:D="DAV:"><D:propfind-finite-depth/></D:error>');
    expect((await send('PROPFIND', '/file', { headers })).status).toBe(207);
    expect((await send('PROPFIND', '/nothing', { headers })).status).toBe(404);
  });

  it('of a MOVE or DELETE of a file is as good as none', async () => {
    expect((await send('MOVE', '/file', { headers: { Depth: '0', Destination: '/moved' } })).status).toBe(
      201,
    );
    expect((await send('DELETE', '/moved', { headers: { Depth: '0' } })).status).toBe(204);
  });
});

it.each(['no', '', 'TF', 'T, T'])('Overwrite: %j is refused', async (Overwrite) => {
  writeFileSync(join(server.root, 'old'), 'old');
  for (const method of ['COPY', 'MOVE']) {
    const headers = { Overwrite, Destination: '/old' }; // 10.6
    expect((await send(method, '/file', { headers })).status).toBe(400);
  }
  expect(onDisk('old')).toBe('old');
  await send('DELETE', '/old');
});

describe('Destination', () => {
  const copyTo = async (...fields: string[]) => {
    const host = fields.some((field) => /^host:/i.test(field)) ? [] : ['Host: here.example:8080'];
    return statusOf(await raw('COPY /file', ...host, ...fields));
  };
  const remove = async (name: string) =>
    expect((await send('DELETE', `/${encodeURIComponent(name)}`)).status).toBe(204);

  // 10.3: Simple-ref of 8.3.
  it.each([
    ['/copied'],
    ['//copied'],
    ['/copied?a=b'],
    ['http://here.example:8080/copied'],
    ['HTTPS://Here.Example:8080/copied'],
    ['http://user@here.example:8080/copied'],
    ['https://dav.example.org/copied'],
    ['https://dav.example.org:443/copied'],
    ['http://other.example:8080/copied'],
  ])('%s is taken', async (destination) => {
    expect(await copyTo(`Destination: ${destination}`)).toBe(201);
    await remove('copied');
  });

  it.each([
    ['Host: here.example:443', 'https://here.example/copied'],
    ['Host: here.example', 'https://here.example:443/copied'],
    ['Host: here.example:80', 'http://here.example/copied'],
    ['Host: here.example', 'http://here.example:80/copied'],
    ['Host: [::1]:443', 'https://[::1]/copied'],
  ])('knows that a default port is none (%s, %s)', async (host, destination) => {
    expect(await copyTo(host, `Destination: ${destination}`)).toBe(201);
    await remove('copied');
  });

  it('is on the server of the target, where that is a whole URL (RFC 9112, 3.2.2)', async () => {
    const copy = async (destination: string) =>
      statusOf(await raw('COPY http://target.example/file', 'Host: h', `Destination: ${destination}`));
    expect(await copy('http://h/copied')).toBe(502);
    expect(await copy('http://target.example/copied')).toBe(201);
    await remove('copied');
  });

  it.each(['/ü', '/%C3%BC', '/%c3%bc'])('%s has the same name in UTF-8 as encoded', async (path) => {
    expect(await copyTo(`Destination: ${bytes(path)}`)).toBe(201);
    expect(readdirSync(server.root)).toContain('ü');
    await remove('ü');
  });

  it.each([
    [[]],
    [['Destination:']],
    [['Destination: copied']],
    [['Destination: /copied#part']],
    [['Destination: http://here.example:8080/copied#part']],
    [['Destination: http:/copied']],
    [['Destination: http:///copied']],
    [['Destination: /copied', 'Destination: /copied']],
    [['Destination: /a', 'Destination: /b']],
    [['Destination: /\xfc']],
    [['Destination: /%fc']],
    [['Destination: /a/../copied']],
  ])('%j is refused', async (fields) => {
    expect(await copyTo(...fields)).toBe(400);
    expect(readdirSync(server.root).sort()).toEqual(['file', 'folder']);
  });

  it.each([
    'http://there.example/copied',
    'http://here.example/copied',
    'ftp://here.example:8080/copied',
    'file:///copied',
    'urn:copied',
  ])('%s is on another server', async (destination) => {
    expect(await copyTo(`Destination: ${destination}`)).toBe(502); // 9.8.5
  });
});

it.each(['GET', 'PUT', 'PROPFIND', 'MKCOL', 'COPY', 'LOCK'])(
  'a name of 256 bytes is too long for %s, be it in ASCII or not',
  async (method) => {
    for (const name of ['n'.repeat(256), '%C3%A9'.repeat(128)]) {
      const headers = { Depth: '0', Destination: '/made' };
      expect((await send(method, `/${name}`, { headers })).status).toBe(414);
      expect((await send(method, `/${name}/file`, { headers })).status).toBe(414);
    }
  },
);

describe('a query', () => {
  it.each(['/?x', '/file/?x=1'])('does not make %s the name of a file', async (path) => {
    expect((await send('PUT', path, { body: 'x' })).status).toBeGreaterThanOrEqual(400);
    expect(onDisk('file')).toBe('file');
  });
  it('that ends in a slash does not make a name that of a folder', async () => {
    expect((await send('PUT', '/file?x=/', { body: 'new' })).status).toBe(204);
  });
});

it.each(['GET', 'HEAD', 'UNLOCK', 'PROPFIND'])('If holds for %s, too (10.4)', async (method) => {
  const headers = { If: '(["other"])', Depth: '0', 'Lock-Token': '<urn:uuid:none>' };
  expect((await send(method, '/file', { headers })).status).toBe(412);
});

describe('a request for *', () => {
  it.each(['PUT', 'GET', 'DELETE', 'MKCOL', 'PROPFIND', 'LOCK'])('is refused to %s', async (method) => {
    expect(statusOf(await raw(`${method} *`, 'Host: h', 'Depth: 0', 'Content-Length: 0'))).toBe(400);
    expect(readdirSync(server.root)).not.toContain('*');
  });
  it('is answered to OPTIONS (RFC 9110, 9.3.7)', async () => {
    expect(statusOf(await raw('OPTIONS *', 'Host: h'))).toBe(200);
  });
  it('is not one for /*', async () => {
    expect((await send('PUT', '/*', { body: 'star' })).status).toBe(201);
    expect((await send('DELETE', '/*')).status).toBe(204);
  });
});
