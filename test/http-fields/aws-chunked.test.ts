import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { parseStatedDigests } from '../../lib/http/fields/stated.js';
import type { Fields } from '../../lib/http/fields/value.js';
import { AwsChunkedDecoder, isAwsChunked } from '../../lib/http/receive/aws-chunked.js';
import { Random } from '../helpers/random.js';

const trailer = 'x-amz-checksum-crc32:y/Q5Jg==';

/** The decoded body and its trailers; the body arrives in the given pieces. */
async function decode(body: string, headers: Fields, pieces = [body]): Promise<[string, object]> {
  const decoder = new AwsChunkedDecoder(headers);
  const source = Readable.from(pieces.map((piece) => Buffer.from(piece, 'latin1')));
  source.on('error', () => {});
  const decoded = await buffer(source.compose(decoder));
  return [decoded.toString('latin1'), decoder.trailers];
}

const nine = { 'x-amz-decoded-content-length': '9' };
const announced = { ...nine, 'x-amz-trailer': 'x-amz-checksum-crc32' };

describe('an aws-chunked body', () => {
  it.each<[string, string, Fields, object]>([
    [
      'unsigned, with a trailer',
      `9\r\n123456789\r\n0\r\n${trailer}\r\n\r\n`,
      announced,
      { 'x-amz-checksum-crc32': 'y/Q5Jg==' },
    ],
    ['in several chunks', '4\r\n1234\r\n05\r\n56789\r\n0\r\n\r\n', nine, {}],
    ['signed', `9;chunk-signature=ad80c730\r\n123456789\r\n0;chunk-signature=b6c6ea8a\r\n\r\n`, nine, {}],
    [
      'with a signed trailer, and the bare line feeds of the examples',
      `9\r\n123456789\r\n0\r\n${trailer}\nx-amz-trailer-signature:41e1\r\n\r\n`,
      announced,
      { 'x-amz-checksum-crc32': 'y/Q5Jg==', 'x-amz-trailer-signature': '41e1' },
    ],
    [
      'with names in capitals',
      `9\r\n123456789\r\n0\r\nX-Amz-Checksum-CRC32: y/Q5Jg==\r\n\r\n`,
      { ...nine, 'x-amz-trailer': 'X-Amz-Checksum-Crc32' },
      { 'x-amz-checksum-crc32': 'y/Q5Jg==' },
    ],
  ])('%s, however it is cut', async (_, body, headers, trailers) => {
    expect(await decode(body, headers)).toEqual(['123456789', trailers]);
    expect(await decode(body, headers, [...body]), 'byte by byte').toEqual(['123456789', trailers]);
  });

  it('may be empty', async () => {
    expect(await decode('0\r\n\r\n', { 'x-amz-decoded-content-length': '0' })).toEqual(['', {}]);
  });

  it('passes 3 MiB in chunks of any size', async () => {
    const random = new Random(1);
    const content = random.bytes(3 << 20).toString('latin1');
    let body = '';
    for (let at = 0; at < content.length; ) {
      const size = Math.min(1 + random.below(300_000), content.length - at);
      body += `${size.toString(16)}\r\n${content.slice(at, at + size)}\r\n`;
      at += size;
    }
    body += '0\r\n\r\n';
    const pieces: string[] = [];
    for (let at = 0; at < body.length; at += pieces.at(-1)?.length ?? 0)
      pieces.push(body.slice(at, at + 1 + random.below(100_000)));
    const [decoded] = await decode(body, { 'x-amz-decoded-content-length': String(content.length) }, pieces);
    expect(decoded === content).toBe(true);
  });

  it('states digests in its trailers', async () => {
    const [, trailers] = await decode(`9\r\n123456789\r\n0\r\n${trailer}\r\n\r\n`, announced);
    expect(parseStatedDigests({}, trailers as Fields).digests).toMatchObject([
      { algorithm: 'crc32', covers: 'object' },
    ]);
  });

  it.each<[string, string, Fields, RegExp]>([
    ['ends in a chunk', '9\r\n1234', nine, /ended before its last chunk/],
    ['ends before the last chunk', '9\r\n123456789\r\n', nine, /ended before its last chunk/],
    ['ends before the empty line', '9\r\n123456789\r\n0\r\n', nine, /ended before its last chunk/],
    ['is empty', '', nine, /ended before its last chunk/],
    ['goes on', '9\r\n123456789\r\n0\r\n\r\n0\r\n\r\n', nine, /goes on behind its end/],
    ['holds less than announced', '4\r\n1234\r\n0\r\n\r\n', nine, /holds 4 bytes, not the 9/],
    ['holds more than announced', 'a\r\n', nine, /holds more than the 9 bytes/],
    ['has a size that overflows', 'ffffffffffffff\r\n', nine, /without a size/],
    ['has a size that is none', '0x9\r\n', nine, /without a size/],
    ['has a negative size', '-9\r\n', nine, /without a size/],
    ['has no CR', '9\n123456789\r\n0\r\n\r\n', nine, /does not end with CR LF/],
    ['has a chunk of another size', '8\r\n123456789\r\n0\r\n\r\n', nine, /longer than it says/],
    ['has an endless line', `9;${'a'.repeat(2000)}`, nine, /a line that is too long/],
    [
      'has a trailer nobody announced',
      `9\r\n123456789\r\n0\r\n${trailer}\r\n\r\n`,
      nine,
      /does not announce/,
    ],
    [
      'lacks one that was',
      '9\r\n123456789\r\n0\r\n\r\n',
      announced,
      /lacks the trailer x-amz-checksum-crc32/,
    ],
    ['has one twice', `9\r\n123456789\r\n0\r\n${trailer}\r\n${trailer}\r\n\r\n`, announced, /twice/],
    ['has one without a name', '9\r\n123456789\r\n0\r\n:x\r\n\r\n', announced, /not NAME:VALUE/],
  ])('is refused if it %s', async (_, body, headers, reason) => {
    const error = expect.objectContaining({
      code: 'ERR_SLUICE_BODY',
      message: expect.stringMatching(reason),
    });
    await expect(decode(body, headers)).rejects.toEqual(error);
    await expect(decode(body, headers, [...body])).rejects.toEqual(error);
  });

  it.each([[undefined], ['-1'], ['9x'], [''], ['1'.repeat(20)]])(
    'must say how long it is, not %s',
    (length) => {
      expect(() => new AwsChunkedDecoder({ 'x-amz-decoded-content-length': length })).toThrow(
        expect.objectContaining({ code: 'ERR_SLUICE_FIELD' }),
      );
    },
  );

  it.each<[Fields, boolean]>([
    [{ 'content-encoding': 'aws-chunked' }, true],
    [{ 'content-encoding': 'gzip, AWS-Chunked' }, true],
    [{ 'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER' }, true],
    [{ 'content-encoding': 'gzip' }, false],
    [{ 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' }, false],
    [{}, false],
  ])('is known by %o: %s', (headers, expected) => {
    expect(isAwsChunked(headers)).toBe(expected);
  });
});
