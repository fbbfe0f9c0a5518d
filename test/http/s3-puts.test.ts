/** What clients of S3 put, by hand: what is announced has to come, or nothing is stored. */

import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  announced,
  encoded,
  framed,
  length,
  object,
  put,
  root,
  serve,
  sha256,
  signature,
  sum,
  trailer,
  unsigned,
} from './s3.js';

type Case = [string, Record<string, string>, string];

describe.each([false, true])('with s3: %s', (s3) => {
  beforeEach(() => serve(s3));

  it.each<Case>([
    ['as it is', {}, object],
    ['with its hash', { 'x-amz-content-sha256': sha256 }, object],
    ['with its hash in capitals', { 'x-amz-content-sha256': sha256.toUpperCase() }, object],
    ['without its hash', { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' }, object],
    [
      'with a checksum of the object',
      { 'x-amz-checksum-type': 'FULL_OBJECT', 'x-amz-checksum-crc32': sum },
      object,
    ],
    ['in chunks, by its encoding', encoded, framed()],
    [
      'in chunks, by its encoding in capitals and with spaces',
      { ...encoded, 'Content-Encoding': ' AWS-Chunked ,' },
      framed(),
    ],
    ['in chunks, by what stands for its hash', unsigned, framed()],
    [
      'in chunks, with another encoding named that is none',
      { ...unsigned, 'Content-Encoding': 'identity' },
      framed(),
    ],
    ['in chunks with a trailer', { ...unsigned, ...announced }, framed(trailer)],
    [
      'in chunks with a trailer named in capitals',
      { ...unsigned, 'x-amz-trailer': 'X-Amz-Checksum-CRC32' },
      framed(trailer),
    ],
    [
      'in chunks with two trailers',
      { ...encoded, 'x-amz-trailer': 'x-amz-checksum-sha256 ,x-amz-checksum-crc32' },
      framed(`${trailer}x-amz-checksum-sha256: ${Buffer.from(sha256, 'hex').toString('base64')}\r\n`),
    ],
    [
      'in chunks, with the MD5 of the object',
      { ...encoded, 'Content-MD5': createHash('md5').update(object).digest('base64') },
      framed(),
    ],
    [
      'in signed chunks',
      { ...encoded, 'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD' },
      `9;chunk-signature=${signature}\r\n${object}\r\n0;chunk-signature=${signature}\r\n\r\n`,
    ],
    [
      'in signed chunks with a signed trailer',
      { ...length, 'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER', ...announced },
      framed(`${trailer}x-amz-trailer-signature:${signature}\r\n`),
    ],
    [
      'in chunks whose sizes have zeroes in front',
      encoded,
      `${'0'.repeat(30)}9\r\n${object}\r\n${'0'.repeat(30)}\r\n\r\n`,
    ],
    [
      'in chunks whose sizes are in capitals',
      { ...encoded, 'x-amz-decoded-content-length': '12' },
      `A\r\n${object}0\r\n02\r\n12\r\n0\r\n\r\n`,
    ],
  ])('stores what comes %s', async (_, headers, body) => {
    const { status, headers: fields } = await put(headers, body);
    expect(status).toBe(s3 ? 200 : 201);
    expect(fields['content-length']).toBe('0');
    expect(readFileSync(join(root, 'file'), 'utf8').slice(0, 9)).toBe(object);
  });

  it.each<Case>([
    ['has the length of an object, and no encoding', length, framed()],
    ['is as long as its object', length, object],
    ['has another length than its object', { 'x-amz-decoded-content-length': '99' }, object],
    [
      'has a length, and a signature of nothing',
      { ...length, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' },
      framed(),
    ],
    ['has a length, and a trailer', { ...length, ...announced }, framed(trailer)],
    ['announces a trailer that does not come', announced, object],
    ['announces no trailer', { 'x-amz-trailer': '' }, object],
    ['is too short in chunks', { ...encoded, 'x-amz-decoded-content-length': '10' }, framed()],
    ['is too long in chunks', { ...encoded, 'x-amz-decoded-content-length': '8' }, framed()],
    ['has two lengths in chunks', { ...encoded, 'x-amz-decoded-content-length': '9, 9' }, framed()],
    [
      'is larger in chunks than anything',
      { ...encoded, 'x-amz-decoded-content-length': '9'.repeat(16) },
      framed(),
    ],
    ['has a chunk larger than anything', encoded, `${'f'.repeat(16)}\r\n${object}\r\n0\r\n\r\n`],
    ['is encoded twice', { ...encoded, 'Content-Encoding': 'aws-chunked, aws-chunked' }, framed()],
    ['has another hash', { 'x-amz-content-sha256': sha256.replace(/^./, '0') }, object],
    ['has the hash of nothing', { 'x-amz-content-sha256': createHash('sha256').digest('hex') }, object],
    ['has a hash that is none', { 'x-amz-content-sha256': sha256.slice(1) }, object],
    [
      'has a hash in base64',
      { 'x-amz-content-sha256': createHash('sha256').update(object).digest('base64') },
      object,
    ],
    [
      'has a word that SigV4 does not know',
      { ...length, 'x-amz-content-sha256': 'STREAMING-PAYLOAD' },
      framed(),
    ],
    [
      'has one of its words in small letters',
      { ...length, 'x-amz-content-sha256': 'streaming-unsigned-payload-trailer' },
      framed(),
    ],
    ['lacks its trailer', { ...unsigned, ...announced }, framed()],
    [
      'lacks one of its trailers',
      { ...unsigned, 'x-amz-trailer': 'x-amz-checksum-crc32,x-amz-checksum-sha1' },
      framed(trailer),
    ],
    ['has a trailer that nobody announced', unsigned, framed(trailer)],
    ['has a trailer twice', { ...unsigned, ...announced }, framed(trailer + trailer)],
    ['has a trailer behind its end', { ...unsigned, ...announced }, `${framed(trailer)}${trailer}\r\n`],
    [
      'has a trailer that is malformed',
      { ...unsigned, ...announced },
      framed('x-amz-checksum-crc32:cbf43926\r\n'),
    ],
    ['has a checksum of checksums', { 'x-amz-checksum-crc32': `${sum}-4` }, object],
    [
      'has a checksum of checksums behind it',
      { ...unsigned, ...announced },
      framed(`x-amz-checksum-crc32:${sum}-4\r\n`),
    ],
    [
      'has a checksum of another type',
      { 'x-amz-checksum-type': 'COMPOSITE', 'x-amz-checksum-crc32': sum },
      object,
    ],
  ])('refuses with 400 what %s', async (_, headers, body) => {
    writeFileSync(join(root, 'old'), 'old');
    for (const name of ['file', 'old'])
      expect(await put(headers, body, `/${name}`)).toMatchObject({ status: 400 });
    expect(existsSync(join(root, 'file'))).toBe(false);
    expect(readFileSync(join(root, 'old'), 'utf8')).toBe('old');
  });

  it.each(['aws-chunked, gzip', 'gzip,aws-chunked', 'AWS-CHUNKED ,\tGZIP', 'gzip', 'br'])(
    'refuses an object encoded by %s, and names the encoding',
    async (encoding) => {
      const { status, body } = await put({ ...encoded, 'Content-Encoding': encoding }, framed());
      expect(status).toBe(501);
      expect(body).toMatch(/gzip|br/);
      expect(existsSync(join(root, 'file'))).toBe(false);
    },
  );
});
