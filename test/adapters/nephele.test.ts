import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import FileSystemAdapter from '@nephele/adapter-file-system';
import NoAuthenticator from '@nephele/authenticator-none';
import express from 'express';
import nephele from 'nephele';
import { beforeEach, describe, expect, it } from 'vitest';
import { nepheleChecksums } from '../../lib/http/adapters/nephele.js';
import { temporaryFolder } from '../helpers/files.js';
import { type Answer, ask, listening, type Sent } from '../helpers/http.js';

const root = temporaryFolder();
let port = 0;

beforeEach(async () => {
  const app = express();
  app.use(
    '/',
    nephele({
      adapter: new FileSystemAdapter({ root }),
      authenticator: new NoAuthenticator(),
      plugins: [nepheleChecksums({ algorithms: ['adler32', 'crc32c'] }) as never],
    }),
  );
  port = await listening(app);
});

const put = (name: string, sent: Sent): Promise<Answer> => ask(port, 'PUT', `/${name}`, sent);
const stored = (name: string) => readFileSync(join(root, name), 'utf8');

describe('a PUT to nephele', () => {
  it('is answered with the values of what was stored', async () => {
    const { status, headers } = await put('plain', { body: '123456789' });
    expect(status).toBe(201);
    expect(headers['digest']).toBe('adler32=091e01de,crc32c=e3069283');
    expect(headers['repr-digest']).toBe('adler=:CR4B3g==:, crc32c=:4waSgw==:');
    expect(stored('plain')).toBe('123456789');
  });

  it('may be empty', async () => {
    const { status, headers } = await put('empty', { body: '' });
    expect(status).toBe(201);
    expect(headers['digest']).toBe('adler32=00000001,crc32c=00000000');
  });

  it('is verified, by a header and by a trailer', async () => {
    const header = { Digest: 'md5=JfnnlDI7RTiF9RgfG2JNCw==,adler32=91e01de' };
    expect((await put('stated', { body: '123456789', headers: header })).status).toBe(201);
    const trailer = { 'Repr-Digest': 'adler=:CR4B3g==:' };
    const chunked = { body: ['12345', '6789'], headers: { Trailer: 'Repr-Digest' }, trailers: trailer };
    expect((await put('trailed', chunked)).status).toBe(201);
  });

  it.each([
    ['by a header', { body: '123456789', headers: { Digest: 'adler32=1' } }],
    [
      'by a trailer',
      { body: ['123456789'], headers: { Trailer: 'Digest' }, trailers: { Digest: 'adler32=1' } },
    ],
  ])('that states something else %s is refused with 412', async (_, sent) => {
    const { status, headers, body } = await put('wrong', sent);
    expect(status).toBe(412);
    expect(headers['content-type']).toBe('application/problem+json');
    expect(JSON.parse(body)).toMatchObject({ status: 412, code: 'ERR_SLUICE_MISMATCH' });
  });

  it('with a malformed digest is refused with 400 and stores nothing', async () => {
    const { status, body } = await put('malformed', {
      body: '123456789',
      headers: { Digest: 'adler32=xyz' },
    });
    expect(status).toBe(400);
    expect(JSON.parse(body)).toMatchObject({ code: 'ERR_SLUICE_FIELD' });
    expect(() => stored('malformed')).toThrow(/ENOENT/);
  });

  it('that is refused while it comes is thrown away, and the answer heard', async () => {
    const sent = { body: Buffer.alloc(20_000_000), headers: { Digest: 'adler32=xyz' } };
    const { status, headers } = await put('large', sent);
    expect([status, headers.connection]).toEqual([400, 'close']);
  });

  it('that nephele decodes is not compared with the digest of the encoded bytes', async () => {
    const sent = {
      body: gzipSync('123456789'),
      headers: { 'Content-Encoding': 'gzip', Digest: 'adler32=1' },
    };
    const { status, headers } = await put('encoded', sent);
    expect(status).toBe(201);
    expect(headers['digest']).toBe('adler32=091e01de,crc32c=e3069283');
    expect(stored('encoded')).toBe('123456789');
  });
});
