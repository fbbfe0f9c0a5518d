/** The grammar of LOCK and UNLOCK (RFC 4918), as the example server takes it: each case has its section. */

import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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

beforeEach(async () => {
  if (!readdirSync(server.root).includes('folder')) await send('MKCOL', '/folder');
  writeFileSync(join(server.root, 'file'), 'file');
});
afterEach(() => expect(server.complaints()).toBe(''));

describe('LOCK', () => {
  const scope = '<lockscope><exclusive/></lockscope>';
  const type = '<locktype><write/></locktype>';
  const lock = (inside: string, headers = {}) =>
    send('LOCK', '/file', { body: `<lockinfo xmlns="DAV:">${inside}</lockinfo>`, headers });
  const tokenIn = ({ headers }: Answer) => String(headers['lock-token']);
  const unlock = async (token: string) =>
    (await send('UNLOCK', '/file', { headers: { 'Lock-Token': token } })).status;

  // 14.11, 14.13, 14.15.
  it.each([
    type,
    scope,
    `<lockscope/>${type}`,
    `<lockscope><exclusive/><shared/></lockscope>${type}`,
    `<lockscope><whole xmlns="urn:x"/></lockscope>${type}`,
    `<lockscope><exclusive xmlns="urn:x"/></lockscope>${type}`,
    `${scope}<locktype><read/></locktype>`,
  ])('with %s is refused', async (inside) => {
    expect((await lock(inside)).status).toBe(400);
  });

  it('ignores what it does not know (17)', async () => {
    const unknown = '<more xmlns="urn:x"><exclusive/></more>';
    const answer = await lock(`${unknown}<lockscope>${unknown}<shared/></lockscope>${type}<owner>me</owner>`);
    expect(answer.status).toBe(200);
    expect(answer.body).toContain('<D:shared/>');
    expect(await unlock(tokenIn(answer))).toBe(204);
  });

  it('of the root names it', async () => {
    const body = `<lockinfo xmlns="DAV:">${scope}${type}</lockinfo>`;
    const answer = await send('LOCK', '/', { body, headers: { Depth: '0' } });
    expect(answer.body).toContain('<D:lockroot><D:href>/</D:href></D:lockroot>');
    const headers = { 'Lock-Token': tokenIn(answer) };
    expect((await send('UNLOCK', '/', { headers })).status).toBe(204);
  });

  it('tells which lock is in the way (9.10.6)', async () => {
    const first = await lock(scope + type);
    const second = await lock(scope + type);
    expect(second.status).toBe(423);
    expect(second.body).toContain('<D:no-conflicting-lock><D:href>/file</D:href></D:no-conflicting-lock>');
    const put = await send('PUT', '/file', { body: 'x' });
    expect(put.status).toBe(423);
    expect(put.body).toContain('<D:lock-token-submitted><D:href>/file</D:href></D:lock-token-submitted>');
    expect(await unlock(tokenIn(first))).toBe(204);
  });

  it('without a body is for one lock that If names (9.10.2)', async () => {
    const [one, two] = [
      tokenIn(await lock(`<lockscope><shared/></lockscope>${type}`)),
      tokenIn(await lock(`<lockscope><shared/></lockscope>${type}`)),
    ];
    const refresh = async (headers: Record<string, string>) =>
      (await send('LOCK', '/file', { headers })).status;
    expect(await refresh({})).toBe(400);
    expect(await refresh({ If: '(Not <DAV:no-lock>)' })).toBe(412);
    expect(await refresh({ If: `(${one} ${two})` })).toBe(400);
    expect(await refresh({ If: `(${one})`, Depth: 'junk' })).toBe(200); // Depth is ignored
    for (const token of [one, two]) expect(await unlock(token)).toBe(204);
  });

  // 10.7.
  it.each([
    ['Second-100', 100],
    ['second-100', 100],
    ['Second-100, Infinite', 100],
    ['Extend, Second-100', 100],
    ['Second-0', 1],
    ['Infinite', 86400],
    ['Infinite, Second-100', 86400],
    ['Second-4100000000', 86400],
    [`Second-${'9'.repeat(400)}`, 86400],
    ['Second-1x', 86400],
    ['soon', 86400],
  ])('with Timeout: %s lasts %i s', async (Timeout, seconds) => {
    const answer = await lock(scope + type, { Timeout });
    expect(answer.body).toContain(`<D:timeout>Second-${seconds}</D:timeout>`);
    expect(await unlock(tokenIn(answer))).toBe(204);
  });

  it('is undone with its token in brackets (10.5) or without (as webdav of npm sends it), and no other way', async () => {
    const token = tokenIn(await lock(scope + type));
    for (const junk of ['', '<>', '<a> <b>', `${token}, ${token}`, `<${token}`, token.slice(0, -1)])
      expect(await unlock(junk), junk).toBe(400);
    const other = await send('UNLOCK', '/file', { headers: { 'Lock-Token': '<urn:uuid:other>' } });
    expect(other.status).toBe(409);
    expect(other.body).toContain('<D:lock-token-matches-request-uri/>'); // 9.11.1
    const elsewhere = await send('UNLOCK', '/folder', { headers: { 'Lock-Token': token } });
    expect(elsewhere.status).toBe(409);
    const stale = { 'Lock-Token': token, 'If-Match': '"other"' };
    expect((await send('UNLOCK', '/file', { headers: stale })).status).toBe(412);
    expect(await unlock(token.slice(1, -1))).toBe(204);
  });
});
