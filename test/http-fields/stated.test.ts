import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { checkStatedDigests } from '../../lib/http/fields/check.js';
import { parseStatedDigests } from '../../lib/http/fields/stated.js';
import type { Fields } from '../../lib/http/fields/value.js';

/** Of the bytes 123456789. */
const adler = '091e01de';
const sha256 = createHash('sha256').update('123456789').digest('base64');
const sha512 = createHash('sha512').update('123456789').digest('base64');
const md5 = createHash('md5').update('123456789').digest('base64');

function read(headers: Fields, ...trailers: Fields[]): string[] {
  return parseStatedDigests(headers, ...trailers).digests.map(
    ({ field, algorithm, bytes }) => `${field} ${algorithm} ${bytes.toString('hex')}`,
  );
}

const hexOf = (base64: string) => Buffer.from(base64, 'base64').toString('hex');

describe('what is understood', () => {
  it.each<[string, Fields, string[]]>([
    ['Adler-32', { digest: 'adler32=091e01de' }, [`Digest adler32 ${adler}`]],
    ['in capitals', { digest: 'ADLER32=091E01DE' }, [`Digest adler32 ${adler}`]],
    ['without its leading zero', { digest: 'adler32=91e01de' }, [`Digest adler32 ${adler}`]],
    ['of one digit', { digest: 'adler32=1' }, ['Digest adler32 00000001']],
    ["by WLCG's other name", { digest: 'adler=091e01de' }, [`Digest adler32 ${adler}`]],
    [
      'the CRCs of XRootD',
      { digest: 'crc32=cbf43926, crc32c=e3069283' },
      ['Digest crc32 cbf43926', 'Digest crc32c e3069283'],
    ],
    ['a hash, in base64', { digest: `SHA-256=${sha256}` }, [`Digest sha256 ${hexOf(sha256)}`]],
    [
      'several, with empty elements',
      { digest: ` , md5=${md5},,adler32=091e01de ,` },
      [`Digest md5 ${hexOf(md5)}`, `Digest adler32 ${adler}`],
    ],
    [
      'on several lines',
      { digest: ['adler32=091e01de', `md5=${md5}`] },
      [`Digest adler32 ${adler}`, `Digest md5 ${hexOf(md5)}`],
    ],
    ['the same twice', { digest: 'adler32=91e01de,adler=091E01DE' }, [`Digest adler32 ${adler}`]],
    ["XRootD's four bytes", { 'repr-digest': 'adler=:CR4B3g==:' }, [`Repr-Digest adler32 ${adler}`]],
    ["StoRM's eight digits", { 'repr-digest': 'adler=:MDkxZTAxZGU=:' }, [`Repr-Digest adler32 ${adler}`]],
    [
      'the same in both',
      { 'content-digest': 'adler=:CR4B3g==:, adler32=:MDkxZTAxZGU=:' },
      [`Content-Digest adler32 ${adler}`],
    ],
    [
      "the example of RFC 9530's B.1",
      { 'content-digest': 'sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:' },
      ['Content-Digest sha256 44aff4ab2d7c3250525675a08f0cfa9591168cffe51791c5f5bbc417c15a6c38'],
    ],
    [
      'parameters that mean nothing',
      { 'repr-digest': `sha-512=:${sha512}:;a="b, c=d";e` },
      [`Repr-Digest sha512 ${hexOf(sha512)}`],
    ],
    ['ownCloud', { 'oc-checksum': 'ADLER32:091e01de' }, [`OC-Checksum adler32 ${adler}`]],
    ["rclone's", { 'oc-checksum': `MD5:${hexOf(md5)}` }, [`OC-Checksum md5 ${hexOf(md5)}`]],
    ['Content-MD5', { 'content-md5': md5 }, [`Content-MD5 md5 ${hexOf(md5)}`]],
    [
      'Amazon',
      { 'x-amz-checksum-crc32': 'y/Q5Jg==', 'x-amz-checksum-crc64nvme': 'rosUhgp5mIg=' },
      ['x-amz-checksum-crc32 crc32 cbf43926', 'x-amz-checksum-crc64nvme crc64nvme ae8b14860a799888'],
    ],
    ['nothing', { 'content-type': 'text/plain' }, []],
    ['an empty list', { digest: '' }, []],
  ])('%s', (_, headers, expected) => {
    expect(read(headers)).toEqual(expected);
    expect(read({}, headers), 'as a trailer').toEqual(expected);
  });

  it('reads a header and a trailer that agree as one', () => {
    expect(read({ digest: 'adler32=91e01de' }, { 'repr-digest': 'adler=:CR4B3g==:' })).toEqual([
      `Digest adler32 ${adler}`,
    ]);
  });

  it('says what nobody verified', () => {
    const { digests, ignored } = parseStatedDigests({
      digest: 'UNIXsum=30637, adler32=091e01de, id-sha=x',
      'repr-digest': 'unixcksum=:AAAA:, sha3-256=:AAAA:',
      'oc-checksum': 'SHA3-256:00',
      'x-amz-checksum-xxhash64': 'AAAAAAAAAAA=',
      'x-amz-checksum-type': 'FULL_OBJECT',
      'x-amz-checksum-algorithm': 'XXHASH64',
      'x-amz-checksum-crc32c': undefined,
    });
    expect(digests).toHaveLength(1);
    expect(ignored).toEqual([
      'x-amz-checksum-xxhash64',
      'Digest: UNIXsum',
      'Digest: id-sha',
      'Repr-Digest: unixcksum',
      'Repr-Digest: sha3-256',
      'OC-Checksum: SHA3-256',
    ]);
  });

  it('keeps the digest of the object apart from that of the body that carries it', () => {
    const { digests } = parseStatedDigests({
      'x-amz-checksum-crc32': 'y/Q5Jg==',
      digest: 'crc32=00000001',
      'content-md5': md5,
      'x-amz-content-sha256': '0'.repeat(64),
    });
    expect(digests.map(({ field, covers }) => [field, covers])).toEqual([
      ['Digest', 'content'],
      ['x-amz-content-sha256', 'content'],
      ['Content-MD5', 'object'],
      ['x-amz-checksum-crc32', 'object'],
    ]);
  });
});

describe('what is refused', () => {
  it.each<[string, Fields, RegExp]>([
    ['no value', { digest: 'adler32' }, /Digest has "adler32" where ALGORITHM=VALUE belongs/],
    ['nine digits', { digest: 'adler32=0091e01de' }, /1 to 8 hexadecimal digits/],
    ['no digits', { digest: 'adler32=' }, /belongs/],
    ['other letters', { digest: 'adler32=091e01dg' }, /hexadecimal/],
    ['a sign', { digest: 'adler32=-1' }, /hexadecimal/],
    ['0x', { digest: 'adler32=0x1' }, /hexadecimal/],
    ['base64 without padding', { digest: `md5=${md5.replace(/=+$/, '')}` }, /16 bytes in base64/],
    ['base64 with bits left over', { digest: 'md5=AAAAAAAAAAAAAAAAAAAAAB==' }, /16 bytes in base64/],
    ['a hash as hexadecimal', { digest: `md5=${hexOf(md5)}` }, /16 bytes in base64/],
    [
      'two values',
      { digest: 'adler32=1,adler32=2' },
      /states 00000002 for adler32, but 00000001 is stated too, in Digest/,
    ],
    [
      'two fields that differ',
      { digest: 'adler32=1', 'repr-digest': 'adler=:AAAAAg==:' },
      /but 00000001 is stated too, in Digest/,
    ],
    ['a key twice', { 'repr-digest': 'adler=:AAAAAQ==:, adler=:AAAAAg==:' }, /Repr-Digest has a key twice/],
    ['a string', { 'repr-digest': 'adler="091e01de"' }, /byte sequence of 4 bytes for adler/],
    ['a list', { 'repr-digest': 'adler=(:AAAAAQ==:)' }, /byte sequence of 4 bytes for adler/],
    ['three bytes', { 'repr-digest': 'adler=:AAAA:' }, /byte sequence of 4 bytes/],
    ['eight bytes that are no digits', { 'repr-digest': 'adler=:MDkxZTAxZGc=:' }, /byte sequence of 4 bytes/],
    [
      'digits for another algorithm',
      { 'repr-digest': 'crc32c=:MDkxZTAxZGU=:' },
      /byte sequence of 4 bytes for crc32c/,
    ],
    ['an open byte sequence', { 'content-digest': 'sha-256=:AAAA' }, /Content-Digest is not a dictionary/],
    ['RFC 3230 in a field of RFC 9530', { 'repr-digest': 'adler32=091e01de' }, /Repr-Digest/],
    ['two checksums', { 'oc-checksum': 'ADLER32:1, ADLER32:2' }, /OC-Checksum is .*, not ALGORITHM:VALUE/],
    ['a short hash', { 'oc-checksum': 'SHA1:abc' }, /which no SHA1 is/],
    [
      'two lines of Content-MD5',
      { 'content-md5': `${md5}, ${md5}` },
      /Content-MD5 is .*, not 16 bytes in base64/,
    ],
    [
      'hexadecimal for Amazon',
      { 'x-amz-checksum-crc32': 'cbf43926' },
      /x-amz-checksum-crc32 is "cbf43926", not 4 bytes in base64/,
    ],
    [
      'a field that is too long',
      { digest: `unixsum=${'1'.repeat(5000)}` },
      /Digest has 5008 characters, more than 4096/,
    ],
    ['many lines that are', { digest: Array.from({ length: 600 }, () => 'adler32=1') }, /more than 4096/],
  ])('%s', (_, fields, reason) => {
    for (const parse of [() => parseStatedDigests(fields), () => parseStatedDigests({}, fields)]) {
      expect(parse).toThrow(
        expect.objectContaining({ code: 'ERR_SLUICE_FIELD', message: expect.stringMatching(reason) }),
      );
    }
  });

  it('a trailer that contradicts a header', () => {
    expect(() => parseStatedDigests({ digest: 'adler32=1' }, { digest: 'adler32=2' })).toThrow(
      /states 00000002 for adler32, but 00000001/,
    );
  });
});

describe('digests that were computed', () => {
  const { digests } = parseStatedDigests({ digest: `adler32=91e01de,sha-256=${sha256}` });

  it('agree with the stated ones', () => {
    checkStatedDigests(digests, { adler32: 0x091e01den, sha256: Buffer.from(sha256, 'base64') });
  });

  it('that differ are an error, which has both values', () => {
    expect(() => checkStatedDigests(digests, { adler32: 1n, sha256: Buffer.from(sha256, 'base64') })).toThrow(
      expect.objectContaining({
        code: 'ERR_SLUICE_MISMATCH',
        message: expect.stringContaining(
          'The adler32 of the body is 00000001, not 091e01de as the field Digest states',
        ),
      }),
    );
  });

  it('that are missing are a fault of the program', () => {
    expect(() => checkStatedDigests(digests, { adler32: 0x091e01den })).toThrow(/A value of sha256 is/);
  });
});
