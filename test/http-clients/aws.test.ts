/** Amazon's own client of S3, as it is: what it stores, reads, and says of what is refused. */

import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import {
  type ChecksumAlgorithm,
  CopyObjectCommand,
  GetObjectCommand,
  type GetObjectCommandInput,
  HeadObjectCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  PutObjectTaggingCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { fileHandler, requestPath } from '../../lib/http/index.js';
import { certificateIn } from '../helpers/certificate.js';
import { temporaryFolder } from '../helpers/files.js';
import { needs } from '../helpers/needs.js';
import { rot, storedFile } from '../helpers/rot.js';

needs('openssl');

const folder = temporaryFolder();
const { cert, key } = certificateIn(folder);
// For what waits for 100 Continue the client makes agents of its own, which are told of no certificate.
process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
const small = Buffer.from('123456789');
const hash = (name: string) => createHash(name).update(small).digest('base64');
const large = Buffer.alloc(5 << 20, 'S');
const source = join(folder, 'source');
writeFileSync(source, large);

/** What a client could take for done if the answer were 200. */
const refusedWishes: readonly Partial<PutObjectCommandInput>[] = [
  { ACL: 'public-read' },
  { Tagging: 'a=b' },
  { Metadata: { author: 'me' } },
  { StorageClass: 'GLACIER' },
  { ServerSideEncryption: 'aws:kms' },
  { ObjectLockLegalHoldStatus: 'ON' },
  { WebsiteRedirectLocation: '/a' },
];

describe.each([
  ['http', (on: RequestListener) => createServer({ requestTimeout: 0 }, on)],
  ['https', (on: RequestListener) => createHttpsServer({ key, cert, requestTimeout: 0 }, on)],
])('over %s', (scheme, create) => {
  const root = temporaryFolder();
  const bucket = join(root, 'bucket');
  mkdirSync(bucket);
  const faults: unknown[] = [];
  /** Of the requests, the last one last. */
  const encodings: unknown[] = [];
  const handle = fileHandler({
    locate: (request) => ({ root, path: requestPath(request) }),
    s3: true,
    send: { verify: 'onread' },
    checkContinue: true,
    onError: (error) => faults.push(error),
  });
  const answer: RequestListener = async (request, response) => {
    encodings.push(request.headers['content-encoding']);
    if (!(await handle(request, response))) response.writeHead(405).end();
  };
  const server = create(answer).on('checkContinue', answer);
  let client: S3Client;
  beforeAll(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    client = new S3Client({
      endpoint: `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`,
      region: 'us-east-1',
      forcePathStyle: true,
      credentials: { accessKeyId: 'nobody', secretAccessKey: 'checks it' },
      maxAttempts: 1,
    });
  });
  beforeEach(() => {
    faults.length = 0;
    encodings.length = 0;
  });
  afterAll(() => {
    client.destroy();
    server.close();
    server.closeAllConnections();
  });

  const put = (Key: string, Body: string | Buffer | Readable, more: Partial<PutObjectCommandInput> = {}) =>
    client.send(new PutObjectCommand({ Bucket: 'bucket', Key, Body, ...more }));
  const get = (Key: string, more: Partial<GetObjectCommandInput> = {}) =>
    client.send(new GetObjectCommand({ Bucket: 'bucket', Key, ...more }));
  const stored = (name: string) => readFileSync(join(bucket, name));

  it.each([
    ['a few bytes', small],
    ['5 MiB', large],
    ['nothing', Buffer.alloc(0)],
  ])('stores %s as it does by default, and reads them with their checksum', async (name, bytes) => {
    const { $metadata, ETag, ChecksumCRC32, ChecksumType } = await put(name, bytes);
    expect($metadata.httpStatusCode).toBe(200);
    expect(ChecksumType).toBe('FULL_OBJECT');
    expect(stored(name).equals(bytes)).toBe(true);
    const read = await get(name);
    expect(read).toMatchObject({ ETag, ChecksumCRC32, ContentLength: bytes.length });
    expect(Buffer.from((await read.Body?.transformToByteArray()) ?? []).equals(bytes)).toBe(true);
    const Bucket = 'bucket';
    const head = await client.send(new HeadObjectCommand({ Bucket, Key: name, ChecksumMode: 'ENABLED' }));
    expect(head).toMatchObject({ ETag, ChecksumCRC32, ChecksumType, ContentLength: bytes.length });
    const unasked = await client.send(new HeadObjectCommand({ Bucket, Key: name }));
    expect(unasked.ChecksumCRC32).toBeUndefined();
  });

  it.each<[ChecksumAlgorithm, string]>([
    ['CRC32', 'y/Q5Jg=='],
    ['CRC32C', '4waSgw=='],
    ['CRC64NVME', 'rosUhgp5mIg='],
    ['SHA1', hash('sha1')],
    ['SHA256', hash('sha256')],
    ['MD5', hash('md5')],
  ])('states %s to a server that verifies it', async (algorithm, value) => {
    const sum = `Checksum${algorithm}` as 'ChecksumCRC32';
    const ChecksumAlgorithm = algorithm;
    expect(await put(algorithm, small, { ChecksumAlgorithm })).toMatchObject({ [sum]: value });
    const stream = Readable.from([small.subarray(0, 4), small.subarray(4)]);
    const streamed = `${algorithm}, streamed`;
    const answer = await put(streamed, stream, { ChecksumAlgorithm, ContentLength: small.length });
    expect(answer).toMatchObject({ [sum]: value });
    expect(encodings).toEqual([undefined, 'aws-chunked']);
    expect(stored(streamed)).toEqual(small);
    const wrong = value.replace(/^./, (first) => (first === 'A' ? 'B' : 'A'));
    await expect(put('wrong', small, { [sum]: wrong })).rejects.toMatchObject({
      name: 'BadDigest',
      $metadata: { httpStatusCode: 400 },
    });
    expect(existsSync(join(bucket, 'wrong'))).toBe(false);
  });

  it('stores a stream of 5 MiB whose checksum comes after it', async () => {
    await put('stream', createReadStream(source), { ContentLength: large.length });
    expect(encodings).toEqual(['aws-chunked']);
    expect(stored('stream').equals(large)).toBe(true);
  });

  it('hears why an upload is refused, and what was there is there still', async () => {
    await put('old', small);
    const refused = (name: string, status: number) => ({ name, $metadata: { httpStatusCode: status } });
    const zeroes = 'AAAAAAAAAAAAAAAAAAAAAA==';
    await expect(put('old', 'new', { ContentMD5: zeroes })).rejects.toMatchObject(refused('BadDigest', 400));
    await expect(put('old', 'new', { ContentMD5: 'x' })).rejects.toMatchObject(refused('InvalidDigest', 400));
    await expect(put('old', 'new', { ChecksumCRC32: 'y/Q5Jg==-4' })).rejects.toMatchObject(
      refused('InvalidDigest', 400),
    );
    const fails = refused('PreconditionFailed', 412);
    await expect(put('old', 'new', { IfNoneMatch: '*' })).rejects.toMatchObject(fails);
    await expect(put('old', large, { IfMatch: '"another"' })).rejects.toMatchObject(fails);
    await expect(put('old', 'new', { ContentEncoding: 'gzip' })).rejects.toMatchObject({
      ...refused('NotImplemented', 501),
      message: expect.stringContaining('"gzip"'),
    });
    await expect(put('n'.repeat(300), 'new')).rejects.toMatchObject(refused('KeyTooLongError', 400));
    for (const name of ['old/beneath', 'missing/new'])
      await expect(put(name, 'new')).rejects.toMatchObject(refused('InvalidBucketState', 409));
    expect(stored('old')).toEqual(small);
    expect(faults).toEqual([]);
  });

  it('hears what is wrong with a read', async () => {
    await put('there', small);
    await expect(get('missing')).rejects.toMatchObject({ name: 'NoSuchKey' });
    await expect(get('')).rejects.toThrow();
    await expect(
      client.send(new HeadObjectCommand({ Bucket: 'bucket', Key: 'missing' })),
    ).rejects.toMatchObject({
      name: 'NotFound',
    });
    await expect(get('there', { Range: 'bytes=9-' })).rejects.toMatchObject({ name: 'InvalidRange' });
    await expect(get('there', { IfMatch: '"another"' })).rejects.toMatchObject({
      name: 'PreconditionFailed',
    });
    const { ETag = '' } = await get('there');
    await expect(get('there', { IfNoneMatch: ETag })).rejects.toMatchObject({
      $metadata: { httpStatusCode: 304 },
    });
  });

  it('reads a part, of which S3 states no checksum', async () => {
    await put('part', small);
    const part = await get('part', { Range: 'bytes=2-4' });
    expect(await part.Body?.transformToString()).toBe('345');
    expect(part).toMatchObject({ ContentRange: 'bytes 2-4/9' });
    expect(part.ChecksumCRC32).toBeUndefined();
    expect(part.ChecksumType).toBeUndefined();
  });

  it('reads what came without a checksum with one that is computed', async () => {
    writeFileSync(join(bucket, 'bare'), small);
    expect(await get('bare')).toMatchObject({
      ChecksumCRC64NVME: 'rosUhgp5mIg=',
      ChecksumType: 'FULL_OBJECT',
    });
  });

  it('hears of an object that has rotten', async () => {
    const path = await storedFile(bucket, 1000);
    rot(path, 5);
    await expect(get(path.slice(bucket.length + 1))).rejects.toMatchObject({ name: 'InternalError' });
    expect(faults).toEqual([expect.objectContaining({ code: 'ERR_SLUICE_CORRUPT' })]);
  });

  it('is told what is not done, and the object stays what it is', async () => {
    await put('kept', small);
    const object = { Bucket: 'bucket', Key: 'kept' };
    for (const command of [
      new CopyObjectCommand({ ...object, CopySource: 'bucket/other' }),
      new PutObjectTaggingCommand({ ...object, Tagging: { TagSet: [{ Key: 'a', Value: 'b' }] } }),
      new PutBucketPolicyCommand({ Bucket: 'bucket', Policy: '{}' }),
      new GetObjectCommand({ ...object, VersionId: '1' }),
      ...refusedWishes.map((wish) => new PutObjectCommand({ ...object, Body: 'new', ...wish })),
    ])
      await expect(client.send(command as CopyObjectCommand)).rejects.toMatchObject({
        name: 'NotImplemented',
      });
    expect(stored('kept')).toEqual(small);
  });
});
