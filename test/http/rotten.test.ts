/** What is served of a file once it was found rotten: nothing, until it changes or is verified again. */

import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  getAttribute,
  readChecksums,
  removeAttribute,
  setAttribute,
  storeChecksums,
} from '../../lib/files/xattr/index.js';
import { fileHandler, OnDemandChecksums } from '../../lib/http/index.js';
import { mounted } from '../files/staging/mounts.js';
import { fillAttributes } from '../helpers/attributes.js';
import { fileOf, temporaryFolder } from '../helpers/files.js';
import { ask as askFor, listening } from '../helpers/http.js';
import { needs } from '../helpers/needs.js';
import { rot, storedFile } from '../helpers/rot.js';
import { expectRefusal, folder, onread, rottenFile, size, standingOf, verify, withFile } from './rotten.js';
import { ask, firstBytes, rawClient, serving, theRest } from './serving.js';

needs('mkfs.ext4');

describe('after a rotten file was broken off', () => {
  it('no part of it is sent, on whatever condition', async () => {
    const path = await rottenFile();
    const { port } = await serving(path, { ...onread, fields: ['Digest'] });
    const { etag, 'last-modified': modified } = (await ask(port, {}, 'HEAD')).headers as Record<
      string,
      string
    >;
    await expect(ask(port)).rejects.toMatchObject({ code: 'ECONNRESET' });
    for (const headers of [
      {},
      { Range: 'bytes=524288-' },
      { Range: 'bytes=524288-', 'If-Range': etag as string },
      { Range: 'bytes=9999999-' },
      { 'If-None-Match': etag as string },
      { 'If-Modified-Since': modified as string },
      { 'If-Match': '"another"' },
      { 'Want-Digest': 'adler32' },
      { 'Want-Repr-Digest': 'sha-256=9' },
    ])
      for (const method of ['GET', 'HEAD']) await expectRefusal(port, headers, method);
    expect(await standingOf(path)).toEqual({ rot: expect.any(Date) });
  });

  it('a server that does not verify sends no part of it either', async () => {
    const path = await rottenFile();
    const { port } = await serving(path);
    expect((await ask(port, { Range: 'bytes=0-9' })).status).toBe(206);
    expect((await verify(path)).verdict).toBe('rot');
    await expectRefusal(port, { Range: 'bytes=0-9' });
  });

  it('a version that is written anew is sent', async () => {
    const path = await rottenFile();
    const { port } = await serving(path, onread);
    await expect(ask(port)).rejects.toMatchObject({ code: 'ECONNRESET' });
    writeFileSync(path, 'another');
    expect(String((await ask(port)).body)).toBe('another');
  });

  it('it is sent once its mark is removed', async () => {
    const path = await rottenFile();
    const { port } = await serving(path);
    await verify(path);
    const mark = await withFile(path, (fd) => getAttribute(fd, 'user.sluice'));
    await withFile(path, (fd) => removeAttribute(fd, 'user.sluice'));
    expect((await ask(port)).status).toBe(200);
    await withFile(path, (fd) => setAttribute(fd, 'user.sluice', mark as Buffer));
    await expectRefusal(port);
  });

  it('it is not sent where there is no room for the mark, either, and that is said', async () => {
    const path = await rottenFile();
    await withFile(path, fillAttributes);
    const { port, over } = await serving(path, onread);
    await expect(ask(port)).rejects.toMatchObject({ code: 'ECONNRESET' });
    await expectRefusal(port, { Range: 'bytes=524288-' });
    expect((await over(2))[0]).toMatchObject({
      code: 'ERR_SLUICE_CORRUPT',
      message: expect.stringMatching(
        /Only this process knows of it .* no room for the attribute user\.sluice/,
      ),
    });
  });
});

describe('a file whose mark only this process remembers', () => {
  async function marked() {
    const path = await rottenFile();
    await withFile(path, fillAttributes);
    const { port, over } = await serving(path, onread);
    const { etag } = (await ask(port, {}, 'HEAD')).headers as Record<string, string>;
    await expect(ask(port)).rejects.toMatchObject({ code: 'ECONNRESET' });
    await expectRefusal(port, { Range: 'bytes=0-9' });
    return { path, port, over, etag: etag as string };
  }

  it('is sent, under another entity tag, once it was restored in place with its old time', async () => {
    const { path, port, etag } = await marked();
    rot(path, 5); // the bit is what it was
    const resumed = { Range: 'bytes=524288-' };
    const answers = await Promise.all([ask(port, { ...resumed, 'If-Range': etag }), ask(port, resumed)]);
    expect(answers.map(({ status }) => status)).toEqual([200, 206]);
    expect(answers[0]?.body.equals(readFileSync(path))).toBe(true);
    expect(new Set([etag, ...answers.map(({ headers }) => headers.etag)]).size).toBe(2);
    expect(await standingOf(path)).toEqual({ repaired: expect.any(Date) });
  });

  it('is read once more if it was touched and not restored, and reported no second time', async () => {
    const { path, port, over } = await marked();
    utimesSync(path, 1e9, 1e9);
    expect(await standingOf(path)).toEqual({ rot: expect.any(Date), touched: true });
    await expectRefusal(port, { Range: 'bytes=0-9' });
    expect(await standingOf(path)).toEqual({ rot: expect.any(Date) });
    expect((await over(4)).slice(2)).toMatchObject([{ repeated: true }, { repeated: true }]);
  });
});

describe('a file that was repaired with its old stamps', () => {
  it('is sent, but is no file that a client has rotten bytes of', async () => {
    const path = await rottenFile();
    const { port } = await serving(path, onread);
    const old = (await ask(port, {}, 'HEAD')).headers as Record<string, string>;
    const oldTag = old['etag'] as string;
    await verify(path);
    rot(path, 5); // the bit is what it was
    await expectRefusal(port);
    expect((await verify(path)).verdict).toBe('ok');

    const whole = await ask(port);
    expect(whole.body.equals(readFileSync(path))).toBe(true);
    const tag = whole.headers.etag as string;
    expect(tag).not.toBe(oldTag);
    const resumed = { Range: 'bytes=524288-' };
    expect((await ask(port, { ...resumed, 'If-Range': oldTag })).status).toBe(200);
    expect((await ask(port, { ...resumed, 'If-Range': tag })).status).toBe(206);
    expect((await ask(port, { ...resumed, 'If-Match': oldTag })).status).toBe(412);
    expect((await ask(port, { 'If-None-Match': oldTag })).status).toBe(200);
    expect((await ask(port, { 'If-Modified-Since': old['last-modified'] as string })).status).toBe(200);
    expect((await ask(port, { 'If-None-Match': tag })).status).toBe(304);
  });

  it('is replaced on the condition of its new entity tag', async () => {
    const path = await rottenFile(1000);
    const handle = fileHandler({ locate: () => path });
    const port = await listening((request, response) => void handle(request, response));
    const tagOf = async () => (await askFor(port, 'HEAD', '/')).headers.etag as string;
    const put = async (tag: string) =>
      (await askFor(port, 'PUT', '/', { body: 'x', headers: { 'If-Match': tag } })).status;
    const old = await tagOf();
    await verify(path);
    rot(path, 5);
    await verify(path);
    expect(await put(old)).toBe(412);
    expect(await put(await tagOf())).toBe(204);
  });
});

describe('a file that was removed and restored with its old time', () => {
  const root = mounted(temporaryFolder(), 'ext4');
  it('is no file that a client has rotten bytes of, though it has the inode of that', async () => {
    const path = await storedFile(root, size);
    const replica = join(folder, 'replica');
    execFileSync('cp', ['-p', path, replica]);
    rot(path, 5);
    const { port } = await serving(path, onread);
    const old = (await ask(port, {}, 'HEAD')).headers.etag as string;
    await expect(ask(port)).rejects.toMatchObject({ code: 'ECONNRESET' });
    const { ino } = statSync(path);
    rmSync(path);
    execFileSync('cp', ['-p', replica, path]);
    expect(statSync(path)).toMatchObject({ ino, size, mtimeMs: 1e12 });

    const answer = await ask(port, { Range: 'bytes=524288-', 'If-Range': old });
    expect(answer.status).toBe(200);
    expect(answer.body.equals(readFileSync(replica))).toBe(true);
    expect(answer.headers.etag).not.toBe(old);
  });
});

it('a rotten file may be replaced, on the condition of the entity tag that it had', async () => {
  const path = await rottenFile(1000);
  const handle = fileHandler({ locate: () => path });
  const port = await listening((request, response) => void handle(request, response));
  const tag = (await askFor(port, 'HEAD', '/')).headers.etag as string;
  await verify(path);
  const answer = await askFor(port, 'PUT', '/', { body: 'new', headers: { 'If-Match': tag } });
  expect(answer.status).toBe(204);
  expect((await askFor(port, 'GET', '/')).body).toBe('new');
});

it('an answer that is under way when rot is found ends before its last piece', async () => {
  const large = 64 << 20; // more than the buffers of two sockets hold
  const path = fileOf(folder, 0);
  truncateSync(path, large);
  utimesSync(path, 1e9, 1e9);
  await withFile(path, (fd) => storeChecksums(fd, { adler32: 2n }));
  const { port, over } = await serving(path);
  const range = 'GET / HTTP/1.1\r\nHost: x\r\nRange: bytes=1-\r\n\r\n';
  const socket = await rawClient(port, range);
  const first = await firstBytes(socket);
  expect((await verify(path)).verdict).toBe('rot');
  const all = Buffer.concat([first, await theRest(socket)]);
  expect(String(first)).toContain(`Content-Length: ${large - 1}\r\n`);
  expect(all.length).toBeLessThan(large - 500_000);
  expect(await over(1)).toMatchObject([{ code: 'ERR_SLUICE_CORRUPT' }]);
});

describe('a digest that is computed of a rotten file', () => {
  it.each<[string, string, Record<string, string>]>([
    ['by HEAD', 'HEAD', { 'Want-Digest': 'md5' }],
    ['by HEAD, in the field of RFC 9530', 'HEAD', { 'Want-Repr-Digest': 'sha-256=9' }],
    ['by GET', 'GET', { 'Want-Digest': 'crc64nvme, crc32' }],
    ['of a part', 'GET', { 'Want-Digest': 'md5', Range: 'bytes=0-9' }],
  ])('%s is not stated, nor kept, and the file is refused', async (_, method, headers) => {
    const path = await rottenFile();
    const before = await withFile(path, (fd) => readChecksums(fd));
    const onDemand = new OnDemandChecksums({ store: ['sluice', 'storm'] });
    const { port, over } = await serving(path, { onDemand });
    await expectRefusal(port, headers, method);
    await expectRefusal(port, { Range: 'bytes=0-9' });
    expect(await withFile(path, (fd) => readChecksums(fd))).toEqual(before);
    expect(await over(2)).toMatchObject([
      { code: 'ERR_SLUICE_CORRUPT', path, repeated: undefined },
      { code: 'ERR_SLUICE_CORRUPT', path, repeated: true },
    ]);
  });

  it('is held against the values of XRootD, too', async () => {
    const path = fileOf(folder, 1000);
    utimesSync(path, 1e9, 1e9);
    await withFile(path, (fd) => storeChecksums(fd, { adler32: 2n }, { profiles: ['xrdcks'] }));
    const { port } = await serving(path);
    await expectRefusal(port, { 'Want-Digest': 'md5' }, 'HEAD');
  });
});

it('a rotten file is reported once, however many ask for it', async () => {
  const told: unknown[] = [];
  const root = temporaryFolder();
  const path = await storedFile(root, size);
  rot(path, 5);
  const handle = fileHandler({
    locate: (request) => ({ root, path: request.url as string }),
    send: onread,
    onError: (error) => told.push(error),
  });
  const port = await listening((request, response) => void handle(request, response));
  const target = path.slice(root.length);
  const get = (headers = {}) => askFor(port, 'GET', target, { headers }).catch(({ code }) => code);
  await Promise.all(Array.from({ length: 10 }, () => get()));
  await Promise.all(Array.from({ length: 10 }, () => get({ 'Want-Digest': 'md5' })));
  await Promise.all(Array.from({ length: 10 }, () => get({ Range: 'bytes=0-9' })));
  expect(told).toEqual([
    expect.objectContaining({ code: 'ERR_SLUICE_CORRUPT', message: expect.stringContaining('adler32') }),
  ]);
});
