/** Requests that must not become a file, and connections that must not be led astray by them. */

import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createChecksum } from '../../../lib/index.js';
import { openDescriptors, temporaryFolder } from '../../helpers/files.js';
import { Random } from '../../helpers/random.js';
import { Client, type PutServer, put, putServer } from '../server.js';

const folder = temporaryFolder();

describe.each(['stream', 'relay'] as const)('by %s', (transport) => {
  const root = join(folder, transport);
  let server: PutServer;
  let descriptors: string[];
  beforeAll(async () => {
    mkdirSync(join(root, 'folder'), { recursive: true });
    writeFileSync(join(folder, 'secret'), 'secret');
    writeFileSync(join(root, 'old'), 'old');
    symlinkSync('../secret', join(root, 'link'));
    symlinkSync('..', join(root, 'up'));
    server = await putServer(root, { transport });
    await exchange(put('/warm', { 'Content-Length': 100_000 }), Buffer.alloc(100_000));
    descriptors = openDescriptors();
  });
  afterAll(() => {
    server.server.closeAllConnections();
    server.server.close();
  });

  /** All that the server says to these bytes, until a request after them is answered or the connection is closed. */
  async function exchange(...parts: (string | Uint8Array)[]): Promise<string> {
    await using client = new Client(server.port);
    await client.send(...parts, 'GET /after HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    return await client.end();
  }

  const body = Buffer.alloc(300_000, 'body');
  const length = { 'Content-Length': body.length };

  test.each([
    ['a path that leads out', '/../secret', {}, 403, 'ERR_SLUICE_OUTSIDE'],
    ['a path that goes up on the way', '/folder/../new', {}, 403, 'ERR_SLUICE_OUTSIDE'],
    ['a link to a folder', '/up/secret', {}, 403, 'ERR_SLUICE_OUTSIDE'],
    ['a link to a file', '/link', {}, 409, 'ERR_SLUICE_NOT_A_FILE'],
    ['a folder', '/folder', {}, 409, 'ERR_SLUICE_IS_DIRECTORY'],
    ['a name of files on their way', '/.sluice-0', {}, 403, 'ERR_SLUICE_RESERVED'],
    ['a name that is too long', `/${'n'.repeat(300)}`, {}, 414, 'ERR_SLUICE_TOO_LONG'],
    ['a folder of such a name', `/${'n'.repeat(300)}/file`, {}, 414, 'ERR_SLUICE_TOO_LONG'],
    ['a folder that is missing', '/nowhere/file', {}, 409, 'ERR_SLUICE_NO_FOLDER'],
    ['a part of a file', '/old', { 'Content-Range': 'bytes 0-2/3' }, 400, 'ERR_SLUICE_FIELD'],
    ['an encoding', '/old', { 'Content-Encoding': 'gzip' }, 501, 'ERR_SLUICE_UNSUPPORTED'],
    ['a malformed digest', '/old', { Digest: 'adler32=xyz' }, 400, 'ERR_SLUICE_FIELD'],
    [
      'digests that contradict each other',
      '/old',
      { Digest: 'adler32=00000001', 'OC-Checksum': 'ADLER32:00000002' },
      400,
      'ERR_SLUICE_FIELD',
    ],
    ['a digest that is wrong', '/old', { Digest: 'adler32=1' }, 412, 'ERR_SLUICE_MISMATCH'],
    [
      'a hash that is wrong',
      '/old',
      { 'Content-MD5': 'A'.repeat(22).concat('==') },
      412,
      'ERR_SLUICE_MISMATCH',
    ],
    ['a file that must not be there', '/old', { 'If-None-Match': '*' }, 412, 'ERR_SLUICE_PRECONDITION'],
    ['a file that must be there', '/absent', { 'If-Match': '*' }, 412, 'ERR_SLUICE_PRECONDITION'],
    ['a file that must be another', '/old', { 'If-Match': '"1-2-3"' }, 412, 'ERR_SLUICE_PRECONDITION'],
    ['tags that are malformed', '/old', { 'If-Match': 'no tag' }, 400, 'ERR_SLUICE_FIELD'],
  ])('%s', async (_, path, fields, status, code) => {
    const answers = await exchange(put(path, { ...length, ...fields }), body);
    expect(answers).toContain(`HTTP/1.1 ${status} `);
    expect(answers).toContain(code);
    // Whatever the body is, the request after it is the next one.
    expect(answers).toMatch(/at \/after$/);
  });

  test('trailers of HTTP and of aws-chunked that contradict each other are refused', async () => {
    const fields = {
      'Transfer-Encoding': 'chunked',
      'Content-Encoding': 'aws-chunked',
      'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
      'x-amz-decoded-content-length': 5,
      'x-amz-trailer': 'x-amz-checksum-crc32',
    };
    const inner = '5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n';
    const sent = (trailer: string) =>
      exchange(put('/new', fields), `${inner.length.toString(16)}\r\n${inner}\r\n0\r\n${trailer}\r\n`);
    const refused = await sent('x-amz-checksum-crc32: AAAAAA==\r\n');
    expect(refused).toContain('HTTP/1.1 400 ');
    expect(refused).toContain('ERR_SLUICE_FIELD');
    expect(await sent('x-amz-checksum-crc32: NhCmhg==\r\n')).toContain('HTTP/1.1 201 ');
  });

  test.each([
    ['Digest', 'adler32=062c0215'],
    ['Repr-Digest', 'adler=:BiwCFQ==:'],
    ['Content-Digest', 'adler=:BiwCFQ==:'],
    ['OC-Checksum', 'ADLER32:062c0215'],
    ['Content-MD5', 'XUFAKrxLKna5cZ2REBfFkg=='],
    ['x-amz-checksum-crc32', 'NhCmhg=='],
    ['x-amz-content-sha256', createHash('sha256').update('hello').digest('hex')],
  ])('a %s that is announced after the body, and does not come, is an error', async (name, value) => {
    const announced = (names: string) => ({ 'Transfer-Encoding': 'chunked', Trailer: names });
    const withTrailers = (trailers: string) => `5\r\nhello\r\n0\r\n${trailers}\r\n`;
    for (const [names, trailers] of [
      [name, ''],
      [name.toUpperCase(), 'X-Other: 1\r\n'],
      [`X-Other, ${name}`, `X-Other: 1\r\n${name}:\r\n`],
    ] as const) {
      const answers = await exchange(put('/old', announced(names)), withTrailers(trailers));
      expect(answers).toContain('HTTP/1.1 400 ');
      expect(answers).toContain('ERR_SLUICE_BODY');
      expect(answers).toMatch(/at \/after$/);
    }
    const whole = await exchange(put('/old', { ...length, Trailer: name }), body);
    expect(whole).toContain('HTTP/1.1 400 ');
    expect(readFileSync(join(root, 'old'), 'utf8')).toBe('old');
    for (const [names, trailers] of [
      ['X-Other', ''],
      [name, `${name}: ${value}\r\n`],
    ] as const) {
      expect(await exchange(put('/announced', announced(names)), withTrailers(trailers))).toContain(
        'HTTP/1.1 201 ',
      );
      rmSync(join(root, 'announced'));
    }
  });

  test('a transfer coding that Node leaves on is answered with 501', async () => {
    const coding = { 'Transfer-Encoding': 'gzip, chunked' };
    const answers = await exchange(put('/old', coding), '3\r\nabc\r\n0\r\n\r\n');
    expect(answers).toContain('HTTP/1.1 501 ');
    expect(answers).toContain('ERR_SLUICE_UNSUPPORTED');
    expect(answers).toMatch(/at \/after$/);
  });

  test('100 Continue is said when the body is wanted, and only then', async () => {
    const expecting = { ...length, Expect: '100-continue' };
    await using refused = new Client(server.port);
    await refused.send(put('/old', { ...expecting, 'If-None-Match': '*' }));
    expect(await refused.until('ERR_SLUICE_PRECONDITION')).not.toContain('HTTP/1.1 100');
    await using client = new Client(server.port);
    await client.send(put('/new', expecting));
    expect(await client.until('HTTP/1.1 100 Continue\r\n\r\n')).not.toContain('HTTP/1.1 2');
    await client.send(body);
    expect(await client.until(/HTTP\/1.1 20\d/)).toContain('HTTP/1.1 204 No Content');
  });

  test('If-Match with the tag of the last answer replaces the file, once', async () => {
    const first = await exchange(put('/new', length), body);
    const [, etag = ''] = /\r\nETag: ("[^"]*")/.exec(first) ?? [];
    expect(await exchange(put('/new', { ...length, 'If-Match': etag }), body)).toContain('HTTP/1.1 204');
    expect(await exchange(put('/new', { ...length, 'If-Match': etag }), body)).toContain('HTTP/1.1 412');
  });

  test.each([
    ['both lengths', 'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['two lengths', 'Content-Length: 300000\r\nContent-Length: 5\r\n\r\n'],
    ['a length that is none', 'Content-Length: 5, 5\r\n\r\nabcde'],
    ['a negative one', 'Content-Length: -1\r\n\r\n'],
    ['a chunk of no size', 'Transfer-Encoding: chunked\r\n\r\nxyz\r\n'],
  ])('%s: nothing is stored, and what comes after it is not a request', async (_, rest) => {
    const answers = await exchange(`PUT /smuggled HTTP/1.1\r\nHost: a\r\n${rest}`, body);
    expect(answers).toContain('HTTP/1.1 400 Bad Request');
    expect(answers).not.toContain('at /after');
    expect(readdirSync(root)).not.toContain('smuggled');
  });

  test.each(['9007199254740993', '18446744073709551615'])(
    'a body of %s bytes is not begun',
    async (length) => {
      await using client = new Client(server.port);
      await client.send(put('/old', { 'Content-Length': length }), 'body');
      const answer = await client.until('ERR_SLUICE_TOO_LARGE');
      expect(answer).toContain('HTTP/1.1 413 ');
    },
  );

  test('a body that ends before its length stores nothing, and the client is told', async () => {
    await using client = new Client(server.port);
    await client.send(put('/old', { 'Content-Length': 2_000_000 }), body);
    client.socket.end(body);
    expect(await client.end()).toContain('HTTP/1.1 400 Bad Request');
    await expect.poll(() => server.outcomes.at(-1)).toMatchObject({ code: 'ERR_SLUICE_DISCONNECTED' });
  });

  test('a body that holds requests is stored as a body', async () => {
    const inner = Buffer.from('GET /inner HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(10_000));
    const answers = await exchange(put('/new', { 'Content-Length': inner.length }), inner);
    expect(answers).not.toContain('/inner');
    expect(answers).toMatch(/at \/after$/);
    expect(readFileSync(join(root, 'new')).equals(inner)).toBe(true);
  });

  test('bytes after the length of a body are the next request, and refused', async () => {
    const answers = await exchange(put('/new', { 'Content-Length': 200_000 }), body);
    expect(answers).toContain('HTTP/1.1 400 Bad Request');
    expect(answers).not.toContain('at /after');
  });

  test('bodies of random lengths, cut anywhere, have their digests', async () => {
    const random = new Random(20_261_121);
    const before = server.outcomes.length;
    for (let round = 0; round < 30; round++) {
      await using client = new Client(server.port);
      const parts: Buffer[] = [];
      const expected: string[] = [];
      for (let i = random.below(4); i >= 0; i--) {
        const content = Buffer.alloc(random.below(300_000), random.bytes(997));
        expected.push(`adler32=${createChecksum('adler32').update(content).digest('hex')}`);
        parts.push(Buffer.from(put('/new', { 'Content-Length': content.length })), content);
      }
      parts.push(Buffer.from('GET /last HTTP/1.1\r\nHost: a\r\n\r\n'));
      const all = Buffer.concat(parts);
      client.socket.setNoDelay(true);
      for (let at = 0; at < all.length; ) {
        const size = 1 + random.below(random.of([1, 100, 10_000, 100_000, 1_000_000]));
        await client.send(all.subarray(at, at + size));
        at += size;
        if (random.below(3) === 0) await new Promise(setImmediate);
      }
      const answers = await client.until('at /last');
      expect(answers.match(/(?<=\r\nDigest: )\S+/g), `round ${round}`).toEqual(expected);
    }
    const ways = server.outcomes.slice(before).map((each) => 'transport' in each && each.transport);
    expect(ways).toContain(transport);
    const others = server.outcomes.slice(before).filter((_, i) => ways[i] !== transport);
    for (const each of others)
      expect(each).toMatchObject({ transportReason: expect.stringMatching(/next request/) });
  });

  test('none of these requests leaves a descriptor, or changes another file', async () => {
    await expect.poll(() => openDescriptors().filter((each) => !descriptors.includes(each))).toEqual([]);
    expect(readFileSync(join(folder, 'secret'), 'utf8')).toBe('secret');
    expect(readFileSync(join(root, 'old'), 'utf8')).toBe('old');
    expect(readdirSync(root).sort()).toEqual(['folder', 'link', 'new', 'old', 'up', 'warm']);
  });
});
