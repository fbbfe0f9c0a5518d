import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { DigestValues } from '../../lib/http/fields/algorithms.js';
import { type DigestFieldOptions, digestFields, storedDigestFields } from '../../lib/http/fields/produce.js';
import { wantedDigests } from '../../lib/http/fields/wanted.js';

const md5 = createHash('md5').update('123456789').digest();
const values: DigestValues = { md5, crc32c: 0xe3069283n, adler32: 0x091e01den };

describe('wishes', () => {
  it.each([
    ["davix's", { 'want-digest': 'ADLER32' }, { Digest: ['adler32'] }],
    [
      'by weight',
      { 'want-digest': 'md5;q=0.3, sha;q=1, adler32;q=0.5' },
      { Digest: ['sha1', 'adler32', 'md5'] },
    ],
    ['0 is no', { 'want-digest': 'md5;q=0, adler32;q=0.001' }, { Digest: ['adler32'] }],
    [
      'equal weights keep their order',
      { 'want-digest': 'crc32c,adler32' },
      { Digest: ['crc32c', 'adler32'] },
    ],
    ['unknown names are left out', { 'want-digest': 'unixsum, adler32' }, { Digest: ['adler32'] }],
    [
      'so are weights that are none',
      { 'want-digest': 'md5;q=2, sha;q=x, adler32 ; q=1.000' },
      { Digest: ['adler32'] },
    ],
    [
      "WLCG's",
      { 'want-repr-digest': 'adler=9, sha-256=1, md5=10' },
      { 'Repr-Digest': ['md5', 'adler32', 'sha256'] },
    ],
    [
      '11, -1, 1.5 and 0 are no',
      { 'want-content-digest': 'adler=11, md5=-1, sha=1.5, crc32c=0, sha-512=1' },
      { 'Content-Digest': ['sha512'] },
    ],
    ['a dictionary that is none', { 'want-repr-digest': 'adler=9,' }, {}],
    ['too much of it', { 'want-digest': `adler32${' '.repeat(5000)}` }, {}],
  ])('%s', (_, headers, expected) => {
    expect(wantedDigests(headers)).toEqual({
      Digest: [],
      'Content-Digest': [],
      'Repr-Digest': [],
      ...expected,
    });
  });
});

describe('answers', () => {
  it.each<[string, DigestValues, DigestFieldOptions, Record<string, string>]>([
    [
      'both RFCs by default',
      values,
      {},
      {
        Digest: `adler32=091e01de,crc32c=e3069283,md5=${md5.toString('base64')}`,
        'Repr-Digest': `adler=:CR4B3g==:, crc32c=:4waSgw==:, md5=:${md5.toString('base64')}:`,
      },
    ],
    [
      'what was wanted',
      values,
      { wanted: wantedDigests({ 'want-digest': 'md5;q=0.1,adler32', 'want-repr-digest': 'crc32c=1' }) },
      {
        Digest: `adler32=091e01de,md5=${md5.toString('base64')}`,
        'Repr-Digest': 'crc32c=:4waSgw==:',
      },
    ],
    [
      'what there is, if nothing of that',
      { adler32: 1n },
      { wanted: wantedDigests({ 'want-digest': 'sha' }), fields: ['Digest'] },
      { Digest: 'adler32=00000001' },
    ],
    [
      'as StoRM writes it',
      { adler32: 0x091e01den },
      { fields: ['Content-Digest'], adler: 'text' },
      { 'Content-Digest': 'adler=:MDkxZTAxZGU=:' },
    ],
    ['to ownCloud', values, { fields: ['OC-Checksum'] }, { 'OC-Checksum': 'ADLER32:091e01de' }],
    [
      'to S3',
      { ...values, crc64nvme: 0xae8b14860a799888n },
      { fields: ['x-amz-checksum', 'Content-MD5'] },
      {
        'x-amz-checksum-crc32c': '4waSgw==',
        'x-amz-checksum-crc64nvme': 'rosUhgp5mIg=',
        'x-amz-checksum-md5': md5.toString('base64'),
        'Content-MD5': md5.toString('base64'),
      },
    ],
    ['nothing that has no name', { crc64nvme: 1n }, {}, {}],
  ])('%s', (_, given, options, expected) => {
    expect(digestFields(given, options)).toEqual(expected);
  });

  it('leave out what would be about the content of an answer that has none', () => {
    const fields = ['Content-Digest', 'Content-MD5', 'OC-Checksum'] as const;
    expect(storedDigestFields(values, { fields })).toEqual({ 'OC-Checksum': 'ADLER32:091e01de' });
  });

  it.each([
    ['too large', { adler32: 1n << 32n }],
    ['negative', { adler32: -1n }],
    ['of another length', { md5: Buffer.alloc(15) }],
  ])('refuse a value that is %s', (_, given) => {
    expect(() => digestFields(given)).toThrow(expect.objectContaining({ code: 'ERR_SLUICE_OPTION' }));
  });
});
