import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { v2 as webdav } from 'webdav-server';
import { withChecksums } from '../../lib/http/adapters/webdav-server.js';
import { temporaryFolder } from '../helpers/files.js';
import { type Answer, ask, listening, type Sent } from '../helpers/http.js';

const root = temporaryFolder();
let port = 0;

beforeEach(async () => {
  const server = new webdav.WebDAVServer();
  const fileSystem = withChecksums(new webdav.PhysicalFileSystem(root));
  await server.setFileSystemAsync('/', fileSystem);
  port = await listening(createServer((request, response) => void server.executeRequest(request, response)));
});

const put = (name: string, sent: Sent): Promise<Answer> => ask(port, 'PUT', `/${name}`, sent);
const stored = (name: string) => readFileSync(join(root, name), 'utf8');

describe('a PUT to webdav-server', () => {
  it('is answered with the value of what was stored', async () => {
    const { status, headers } = await put('plain', { body: '123456789' });
    expect(status).toBe(201);
    expect(headers['digest']).toBe('adler32=091e01de');
    expect(headers['repr-digest']).toBe('adler=:CR4B3g==:');
    expect(stored('plain')).toBe('123456789');
  });

  it('may be empty', async () => {
    const { status, headers } = await put('empty', { body: '' });
    expect(status).toBe(201);
    expect(headers['digest']).toBe('adler32=00000001');
  });

  it('of a megabyte in many pieces comes in whole', async () => {
    const pieces = Array.from({ length: 128 }, (_, i) => String.fromCharCode(65 + (i % 26)).repeat(8192));
    expect((await put('large', { body: pieces })).status).toBe(201);
    expect(stored('large')).toBe(pieces.join(''));
  });

  it('is verified, by a header and by a trailer', async () => {
    const header = { 'OC-Checksum': 'ADLER32:91e01de' };
    expect((await put('stated', { body: '123456789', headers: header })).status).toBe(201);
    const trailer = { 'Content-MD5': 'JfnnlDI7RTiF9RgfG2JNCw==' };
    const chunked = { body: ['12345', '6789'], headers: { Trailer: 'Content-MD5' }, trailers: trailer };
    expect((await put('trailed', chunked)).status).toBe(201);
  });

  it.each([
    ['by a header', { body: '123456789', headers: { 'Content-MD5': 'AAAAAAAAAAAAAAAAAAAAAA==' } }],
    [
      'by a trailer',
      { body: ['123456789'], headers: { Trailer: 'Digest' }, trailers: { Digest: 'adler32=1' } },
    ],
  ])('that states something else %s is refused with 412', async (_, sent) => {
    const { status, headers, body } = await put('wrong', sent);
    expect(status).toBe(412);
    expect(headers['content-type']).toBe('application/problem+json');
    expect(headers['digest']).toBeUndefined();
    expect(JSON.parse(body)).toMatchObject({ status: 412, code: 'ERR_SLUICE_MISMATCH' });
  });

  it('with a malformed digest is refused with 400, and the old file stays', async () => {
    await put('malformed', { body: 'old' });
    const { status, body } = await put('malformed', {
      body: '123456789',
      headers: { Digest: 'adler32=xyz' },
    });
    expect(status).toBe(400);
    expect(JSON.parse(body)).toMatchObject({ code: 'ERR_SLUICE_FIELD' });
    expect(stored('malformed')).toBe('old');
  });

  it('leaves other requests as they are', async () => {
    await put('other', { body: 'content' });
    expect(await ask(port, 'GET', '/other')).toMatchObject({ status: 200, body: 'content' });
    expect((await ask(port, 'DELETE', '/other')).status).toBe(200);
  });
});
