/** What the example server makes of requests that are wrong, or mean harm. */

import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../helpers/files.js';
import { type Answer, ask, type Sent } from '../helpers/http.js';
import { leftBehind, served } from './serve.js';

const folder = temporaryFolder();
const server = served();

const send = (method: string, path: string, sent?: Sent): Promise<Answer> =>
  ask(server.port, method, path, sent);
const url = (path: string) => `${server.url}${path}`;
const onDisk = (path: string) => readFileSync(join(server.root, path), 'utf8');

/** Sends bytes as they are, and returns all that comes back. */
function raw(request: string): Promise<string> {
  const socket = connect(server.port, '127.0.0.1');
  socket.end(request);
  return text(socket);
}

afterEach(() => expect(server.complaints()).toBe(''));

describe('what comes from outside', () => {
  it.each([
    ['GET', '/../../etc/hostname'],
    ['GET', '/%2e%2e/%2e%2e/etc/hostname'],
    ['GET', '/..%2f..%2fetc/hostname'],
    ['PUT', '/a/../../../tmp/x'],
    ['GET', '/%00'],
    ['GET', '/%ff%zz'],
    ['DELETE', '/.'],
  ])('%s %s is refused with 400', async (method, path) => {
    const answer = await raw(
      `${method} ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  });

  it('is answered for no name at all', async () => {
    for (const path of ['//', '//?%zz']) expect((await send('GET', path)).status).toBe(200);
  });

  it('is refused in a way that is heard, however long it is', async () => {
    expect((await send('PUT', '/', { body: Buffer.alloc(32 << 20) })).status).toBe(403);
  });

  it.each(['link', 'outside', 'pipe'])('does not get through %s', async (name) => {
    mkdirSync(join(folder, 'elsewhere'), { recursive: true });
    writeFileSync(join(folder, 'elsewhere', 'secret'), 'secret');
    const path = join(server.root, name);
    if (name === 'link') symlinkSync(join(folder, 'elsewhere', 'secret'), path);
    else if (name === 'outside') symlinkSync(join(folder, 'elsewhere'), path);
    else execFileSync('mkfifo', [path]);
    const inside = name === 'outside' ? '/outside/secret' : `/${name}`;
    for (const method of ['GET', 'DELETE', 'PROPFIND', 'PUT', 'COPY', 'MOVE', 'LOCK']) {
      const { status, body } = await send(method, inside, {
        headers: { Depth: '0', Destination: url('/stolen') },
        body: method === 'LOCK' ? '<lockinfo xmlns="DAV:"><locktype><write/></locktype></lockinfo>' : '',
      });
      expect(status, method).toBeGreaterThanOrEqual(400);
      expect(status, method).toBeLessThan(500);
      expect(body).not.toContain('secret');
    }
    expect(readFileSync(join(folder, 'elsewhere', 'secret'), 'utf8')).toBe('secret');
    expect((await send('PROPFIND', '/', { headers: { Depth: '1' } })).body).not.toContain(`/${name}`);
  });

  it('gets no name under which the store would remove it', async () => {
    await send('PUT', '/mine', { body: 'mine' });
    const headers = { Destination: url('/.sluice-0') };
    for (const method of ['COPY', 'MOVE'])
      expect((await send(method, '/mine', { headers })).status).toBe(403);
    for (const method of ['PUT', 'MKCOL']) expect((await send(method, '/.sluice-0')).status).toBe(403);
    expect(onDisk('mine')).toBe('mine');
  });

  it('sees nothing of what a copy was making when it was killed', async () => {
    const aside = join(server.root, '.sluice-aside-1');
    writeFileSync(aside, 'half');
    expect((await send('GET', '/')).body).not.toContain('aside');
    expect((await send('PROPFIND', '/', { headers: { Depth: '1' } })).body).not.toContain('aside');
    for (const method of ['GET', 'DELETE', 'PROPFIND', 'LOCK'])
      expect((await send(method, '/.sluice-aside-1', { headers: { Depth: '0' } })).status, method).toBe(403);
    rmSync(aside);
  });

  it('may not name another server, nor itself, as a destination', async () => {
    await send('PUT', '/here', { body: 'here' });
    const to = async (Destination: string) =>
      (await send('COPY', '/here', { headers: { Destination } })).status;
    expect(await to('http://example.org/there')).toBe(502);
    expect(await to(url('/here'))).toBe(403);
    expect(await to(url('/here/inside'))).toBe(403);
    expect(await to(url('/no/folder/there'))).toBe(409);
    expect(onDisk('here')).toBe('here');
  });

  it.each([
    ['no XML', 'nonsense', 400],
    ['an entity', '<!DOCTYPE x [<!ENTITY a "aaaa">]><propfind xmlns="DAV:">&a;</propfind>', 400],
    ['another root', '<x xmlns="DAV:"/>', 400],
    ['too much', `<propfind xmlns="DAV:">${' '.repeat(300_000)}</propfind>`, 413],
  ])('PROPFIND with %s', async (_, body, status) => {
    expect((await send('PROPFIND', '/', { body, headers: { Depth: '0' } })).status).toBe(status);
  });

  it.each(['()', '(<a>', '<a>', '([W/"x)', 'Not', '(Not)', '(<a>) )', 'x'])(
    'If: %s is refused',
    async (If) => {
      expect((await send('PUT', '/conditional', { body: 'x', headers: { If } })).status).toBe(400);
      expect(readdirSync(server.root)).not.toContain('conditional');
    },
  );

  it('is not asked for the whole tree', async () => {
    expect((await send('PROPFIND', '/', { headers: { Depth: 'infinity' } })).status).toBe(403);
    const { status, headers } = await send('SEARCH', '/', { headers: { Expect: '100-continue' } });
    expect(status).toBe(405);
    expect(headers['allow']).toContain('PROPFIND');
  });

  it('leaves nothing but the files', () => expect(leftBehind(server)).toEqual([]));
});
