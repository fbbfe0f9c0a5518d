/** What S3 refuses of what is put, and how it answers. */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { readChecksums } from '../../lib/files/xattr/index.js';
import { ask } from '../helpers/http.js';
import { encoded, framed, object, port, put, root, serve, sha256 } from './s3.js';

describe('S3', () => {
  beforeEach(() => serve(true));

  it.each([
    '?accelerate',
    '?acl',
    '?analytics&id=1',
    '?annotation',
    '?cors',
    '?delete',
    '?encryption',
    '?intelligent-tiering&id=1',
    '?inventory&id=1',
    '?legal-hold',
    '?lifecycle',
    '?list-type=2',
    '?location',
    '?logging',
    '?metadataTable',
    '?metrics&id=1',
    '?notification',
    '?object-lock',
    '?ownershipControls',
    '?partNumber=1',
    '?policy',
    '?policyStatus',
    '?prefix=a&delimiter=/',
    '?publicAccessBlock',
    '?replication',
    '?requestPayment',
    '?retention',
    '?session',
    '?tagging=',
    '?uploads',
    '?versionId=1',
    '?versioning',
    '?website',
    '?ACL',
    '?%70olicy',
    '?x-id=PutObject&policy',
    '?what-comes-next-year',
    '?x-amz-acl=public-read',
    '?X-Amz-Tagging=a%3Db',
    '?x-amz-checksum-crc32=y%2FQ5Jg%3D%3D',
    `?X-Amz-Content-Sha256=${sha256}`,
  ])('takes a request with %s for none that puts, gets or heads an object', async (query) => {
    writeFileSync(join(root, 'old'), 'old');
    for (const name of ['file', 'old']) {
      const answer = await put({}, '<Configuration/>', `/${name}${query}`);
      expect(answer).toMatchObject({ status: 501 });
      expect(answer.body).toContain('<Code>NotImplemented</Code>');
    }
    for (const method of ['GET', 'HEAD'])
      expect(await ask(port, method, `/old${query}`)).toMatchObject({ status: 501 });
    expect(existsSync(join(root, 'file'))).toBe(false);
    expect(readFileSync(join(root, 'old'), 'utf8')).toBe('old');
  });

  it.each([
    ['x-amz-acl', 'private'],
    ['x-amz-bypass-governance-retention', 'true'],
    ['x-amz-copy-source', '/a/b'],
    ['x-amz-expected-bucket-owner', '1'],
    ['x-amz-grant-full-control', 'id=1'],
    ['x-amz-grant-read', 'id=1'],
    ['x-amz-grant-read-acp', 'id=1'],
    ['x-amz-grant-write-acp', 'id=1'],
    ['x-amz-meta-author', 'me'],
    ['x-amz-object-lock-legal-hold', 'ON'],
    ['x-amz-object-lock-mode', 'COMPLIANCE'],
    ['x-amz-object-lock-retain-until-date', '2030-01-01T00:00:00Z'],
    ['x-amz-server-side-encryption', 'AES256'],
    ['x-amz-server-side-encryption-aws-kms-key-id', 'a'],
    ['x-amz-server-side-encryption-bucket-key-enabled', 'true'],
    ['x-amz-server-side-encryption-context', 'e30='],
    ['x-amz-server-side-encryption-customer-algorithm', 'AES256'],
    ['x-amz-server-side-encryption-customer-key', 'a'],
    ['x-amz-server-side-encryption-customer-key-MD5', 'a'],
    ['X-Amz-Storage-Class', 'GLACIER'],
    ['x-amz-tagging', 'a=b'],
    ['x-amz-website-redirect-location', '/a'],
    ['x-amz-write-offset-bytes', '0'],
    ['x-amz-what-comes-next-year', '1'],
  ])('does not drop %s: %s', async (name, value) => {
    writeFileSync(join(root, 'old'), 'old');
    const answer = await put({ [name]: value }, object);
    expect(answer).toMatchObject({ status: 501 });
    expect(answer.body).toContain(name.toLowerCase());
    expect(existsSync(join(root, 'file'))).toBe(false);
    expect(await ask(port, 'GET', '/old', { headers: { [name]: value } })).toMatchObject({ status: 501 });
  });

  const signed =
    'X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Content-Sha256=UNSIGNED-PAYLOAD&X-Amz-Credential=a&X-Amz-Date=b' +
    '&X-Amz-Expires=900&X-Amz-Security-Token=c&X-Amz-Signature=d&X-Amz-SignedHeaders=host';

  it.each([
    '?',
    '?x-id=PutObject',
    `?${signed}&x-id=PutObject`,
    '?AWSAccessKeyId=a&Signature=b&Expires=1',
    '?x-log=1',
  ])('stores what comes with %s', async (query) => {
    const fields = {
      'x-amz-date': '20300101T000000Z',
      'x-amz-security-token': 'a',
      'x-amz-user-agent': 'b',
      'x-amz-storage-class': 'STANDARD',
      'x-amzn-trace-id': 'Root=1',
    };
    expect(await put(fields, object, `/file${query}`)).toMatchObject({ status: 200 });
    expect(readFileSync(join(root, 'file'), 'utf8')).toBe(object);
  });

  it.each([
    '?x-id=GetObject',
    `?${signed}&x-amz-checksum-mode=ENABLED`,
    '?response-content-disposition=attachment&response-content-type=text%2Fplain',
    '?versionId=null',
  ])('reads an object with %s', async (query) => {
    writeFileSync(join(root, 'file'), object);
    expect(await ask(port, 'GET', `/file${query}`)).toMatchObject({ status: 200, body: object });
  });

  it.each<[string, Record<string, string>, string, string, number, string]>([
    ['a wrong digest', { Digest: 'adler32=1' }, object, '/file', 400, 'BadDigest'],
    ['a wrong checksum', { 'x-amz-checksum-crc32': 'AAAAAA==' }, object, '/file', 400, 'BadDigest'],
    [
      'a wrong hash',
      { 'x-amz-content-sha256': '0'.repeat(64) },
      object,
      '/file',
      400,
      'XAmzContentSHA256Mismatch',
    ],
    ['a malformed digest', { 'Content-MD5': 'x' }, object, '/file', 400, 'InvalidDigest'],
    ['a malformed field', { 'If-Match': 'x' }, object, '/file', 400, 'InvalidArgument'],
    ['a malformed chunk', encoded, 'x\r\n', '/file', 400, 'IncompleteBody'],
    [
      'a missing length',
      { 'Content-Encoding': 'aws-chunked' },
      framed(),
      '/file',
      411,
      'MissingContentLength',
    ],
    ['a path that is malformed', {}, object, '/%zz', 400, 'InvalidURI'],
    ['a name that is too long', {}, object, `/${'n'.repeat(300)}`, 400, 'KeyTooLongError'],
    ['a name that leads out', {}, object, '/..%2ffile', 403, 'AccessDenied'],
    ['a folder that is missing', {}, object, '/a/file', 409, 'InvalidBucketState'],
    ['a condition that does not hold', { 'If-Match': '*' }, object, '/file', 412, 'PreconditionFailed'],
    ['an encoding', { 'Content-Encoding': 'gzip' }, object, '/file', 501, 'NotImplemented'],
    [
      'a checksum that is not known',
      { 'x-amz-checksum-xxhash64': 'AAAAAAAAAAA=' },
      object,
      '/file',
      501,
      'NotImplemented',
    ],
    ['a copy', { 'x-amz-copy-source': '/a/b' }, '', '/file', 501, 'NotImplemented'],
    ['a part', {}, object, '/file?partNumber=1&uploadId=a', 501, 'NotImplemented'],
    ['a list of rights', {}, '<AccessControlPolicy/>', '/file?acl', 501, 'NotImplemented'],
  ])('names %s by its code', async (_, headers, body, target, status, code) => {
    const answer = await put(headers, body, target);
    expect(answer).toMatchObject({ status, headers: { 'content-type': 'application/xml' } });
    const path = target.replace(/\?.*/, '');
    const id = answer.headers['x-amz-request-id'];
    expect(answer.body).toMatch(
      /^<\?xml version="1\.0" encoding="UTF-8"\?>\n<Error><Code>\w+<\/Code><Message>[^<]+<\/Message>/,
    );
    expect(answer.body).toContain(`<Code>${code}</Code>`);
    expect(answer.body).toContain(`<Resource>${path}</Resource><RequestId>${id}</RequestId></Error>`);
    expect(existsSync(join(root, 'file'))).toBe(false);
  });

  it.each<[string, string, Record<string, string>, number, string]>([
    ['what is not there', '/missing', {}, 404, 'NoSuchKey'],
    ['a folder', '/folder', {}, 404, 'NoSuchKey'],
    ['behind the end', '/there', { Range: 'bytes=9-' }, 416, 'InvalidRange'],
    ['another version', '/there', { 'If-Match': '"x"' }, 412, 'PreconditionFailed'],
    ['rights', '/there?acl', {}, 501, 'NotImplemented'],
  ])(
    'names to who reads %s its code, and to a HEAD by the status alone',
    async (_, target, headers, status, code) => {
      mkdirSync(join(root, 'folder'));
      writeFileSync(join(root, 'there'), object);
      const read = await ask(port, 'GET', target, { headers });
      expect(read).toMatchObject({ status, headers: { 'content-type': 'application/xml' } });
      expect(read.body).toContain(`<Code>${code}</Code>`);
      expect(read.headers['content-length']).toBe(String(Buffer.byteLength(read.body)));
      const head = await ask(port, 'HEAD', target, { headers });
      expect(head.body).toBe('');
      if (status !== 416)
        expect(head).toMatchObject({ status, headers: { 'content-type': 'application/xml' } });
    },
  );

  it('keeps the checksum that an object came with, and states what it is of', async () => {
    const { headers } = await put({ 'x-amz-checksum-crc32c': '4waSgw==' }, object);
    expect(headers).toMatchObject({
      'x-amz-checksum-crc32c': '4waSgw==',
      'x-amz-checksum-type': 'FULL_OBJECT',
    });
    await using file = await open(join(root, 'file'));
    expect(
      (await readChecksums(file.fd)).map((each) => 'algorithm' in each && each.algorithm).sort(),
    ).toEqual(['adler32', 'crc32c']);
    const wish = { headers: { 'x-amz-checksum-mode': 'ENABLED' } };
    for (const method of ['GET', 'HEAD'])
      expect((await ask(port, method, '/file', wish)).headers).toMatchObject({
        'x-amz-checksum-crc32c': '4waSgw==',
        'x-amz-checksum-type': 'FULL_OBJECT',
      });
    for (const fields of [{}, { ...wish.headers, Range: 'bytes=0-3' }]) {
      const { headers: without } = await ask(port, 'GET', '/file', { headers: fields });
      expect(Object.keys(without).filter((name) => name.startsWith('x-amz-checksum'))).toEqual([]);
    }
  });
});
