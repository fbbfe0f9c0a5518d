/** What the example server says to who runs it, where a client hears next to nothing. */

import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { connect } from 'node:net';
import { basename, join } from 'node:path';
import type { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { fillChecksums, readStanding, storeChecksums, verifyChecksums } from '../../lib/files/xattr/index.js';
import { createChecksum } from '../../lib/index.js';
import { native } from '../../lib/native/index.js';
import { type Outcome, run } from '../cli/run.js';
import { fileOf, temporaryFolder } from '../helpers/files.js';
import { ask } from '../helpers/http.js';
import { needs } from '../helpers/needs.js';
import { overwrite, rot, storedFile } from '../helpers/rot.js';
import { served, servedUnprivileged } from './serve.js';

needs('curl', 'wget', 'rclone', 'davix-get');

const server = served();

it.each<[string, number, object]>([
  ['answered with 500', 1000, { status: 500 }],
  ['broken off', 4 * 524288, { code: 'ECONNRESET' }],
])('rot is told, be the answer %s', async (_, size, outcome) => {
  const path = await storedFile(server.root, size);
  rot(path, 5);
  const told = once(server.process.stderr as Readable, 'data');
  expect(await ask(server.port, 'GET', `/${basename(path)}`).catch((error) => error)).toMatchObject(outcome);
  await told;
  expect(server.complaints()).toMatch(/^SluiceError: The adler32 of .* as was stored/);
});

/** A rotten file of many pieces, named by its place in the tests. */
async function rotten(): Promise<{ path: string; name: string; url: string }> {
  const path = await storedFile(server.root, 4 * 524288);
  rot(path, 5);
  const name = basename(path);
  return { path, name, url: `${server.url}/${name}` };
}

describe('a client that asks again for what is missing has not the whole rotten file:', () => {
  const folder = temporaryFolder();
  const rclone = ['--config', '/dev/null', '--retries', '1', '--low-level-retries', '2'];
  it.each<[string, (url: string, name: string, to: string) => Promise<Outcome>]>([
    [
      'curl -C -',
      (url, _, to) => run('curl', ['-sf', '-C', '-', '--retry', '2', '--retry-all-errors', '-o', to, url]),
    ],
    ['wget', (url, _, to) => run('wget', ['-q', '-t', '3', '-T', '10', '-O', to, url])],
    [
      'rclone',
      (_, name, to) =>
        run('rclone', [...rclone, '--webdav-url', server.url, 'copyto', `:webdav:${name}`, to]),
    ],
    ['davix-get', (url, _, to) => run('davix-get', ['--retry', '2', '--retry-delay', '0', url, to])],
  ])('%s', async (_, get) => {
    const { path, name, url } = await rotten();
    const to = join(folder, name);
    for (let tries = 0; tries < 2; tries++) {
      expect((await get(url, name, to)).status).not.toBe(0);
      if (existsSync(to)) expect(readFileSync(to).length).toBeLessThan(statSync(path).size);
    }
    expect(server.complaints().match(/SluiceError/g)).toHaveLength(1);
  });
});

it('a digest that nobody has stored is not made from rotten bytes, nor is the file copied', async () => {
  for (const [method, headers] of [
    ['HEAD', { 'Want-Digest': 'md5' }],
    ['HEAD', { 'Want-Repr-Digest': 'sha-256=5' }],
    ['GET', { 'Want-Digest': 'md5', Range: 'bytes=0-9' }],
    ['COPY', { Destination: '/copied' }],
  ] as const) {
    const { path, name } = await rotten();
    const answer = await ask(server.port, method, `/${name}`, { headers });
    expect(answer.status, method).toBe(500);
    expect(Object.keys(answer.headers).join()).not.toMatch(/digest/);
    expect((await ask(server.port, 'COPY', `/${name}`, { headers: { Destination: '/copied' } })).status).toBe(
      500,
    );
    expect(existsSync(join(server.root, 'copied'))).toBe(false);
    await using file = await open(path);
    expect(await readStanding(file.fd)).toEqual({ rot: expect.any(Date) });
    expect(server.complaints().match(/SluiceError/g)).toHaveLength(1);
  }
});

describe('a good file is copied', () => {
  const size = 1000;
  const stale = async () => {
    const path = fileOf(server.root, size);
    const fd = openSync(path, 'r+');
    native.setTimes(fd, 10n ** 18n, 10n ** 18n);
    await fillChecksums(fd, { profiles: ['sluice', 'xrdcks'], algorithms: ['adler32', 'crc32c'] });
    overwrite(path, 5);
    native.setTimes(fd, 10n ** 18n, 10n ** 18n + 1n);
    closeSync(fd);
    return path;
  };
  const turned = async () => {
    const path = fileOf(server.root, size);
    await using file = await open(path);
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(Number(createChecksum('crc32c').update(readFileSync(path)).digest()));
    const crc32c = BigInt(bytes.readUInt32BE());
    await storeChecksums(file.fd, { crc32c }, { profiles: ['xrdcks'] });
    return path;
  };
  it.each([
    ['which was written again within the second of a record of XRootD', stale],
    ['whose record of XRootD may mean another value', turned],
  ])('%s, alone or with its folder', async (_, make) => {
    const path = await make();
    const name = basename(path);
    expect((await ask(server.port, 'GET', `/${name}`)).status).toBe(200);
    const headers = { Destination: `/${name}-copied` };
    expect((await ask(server.port, 'COPY', `/${name}`, { headers })).status).toBe(201);
    expect(readFileSync(`${path}-copied`).equals(readFileSync(path))).toBe(true);

    const folder = join(server.root, `in-${name}`);
    mkdirSync(folder);
    renameSync(path, join(folder, 'file'));
    const into = { Destination: `/in-${name}-copied` };
    expect((await ask(server.port, 'COPY', `/in-${name}`, { headers: into })).status).toBe(201);
    const copy = join(`${folder}-copied`, 'file');
    expect(readFileSync(copy).equals(readFileSync(join(folder, 'file')))).toBe(true);
    await using copied = await open(copy);
    expect((await verifyChecksums(copied.fd)).verdict).toBe('ok');
    expect(server.complaints()).toBe('');
  });
});

describe('a server that may read a file, and not mark it,', () => {
  const reader = servedUnprivileged();
  it.each([
    ['COPY', 201],
    ['GET', 200],
  ])('serves %s of it again once somebody has restored it with its old time', async (method, status) => {
    const path = await storedFile(reader.root, 1000);
    chownSync(path, 65534, 65534);
    chmodSync(path, 0o644);
    rot(path, 5);
    const name = basename(path);
    const headers = { Destination: `/${name}-copied` };
    expect((await ask(reader.port, 'GET', `/${name}`)).status).toBe(500);
    expect((await ask(reader.port, method, `/${name}`, { headers })).status).toBe(500);
    await using file = await open(path);
    expect(await readStanding(file.fd)).toEqual({});
    rot(path, 5); // the bit is what it was
    expect((await verifyChecksums(file.fd)).verdict).toBe('ok');
    expect((await ask(reader.port, method, `/${name}`, { headers })).status).toBe(status);
    expect(reader.complaints().match(/^SluiceError/gm)).toHaveLength(1);
  });
});

it('PROPFIND states neither checksums nor an entity tag of it, and it may be moved, replaced and deleted', async () => {
  const { name } = await rotten();
  const stated = async (target: string) => {
    const { body } = await ask(server.port, 'PROPFIND', target, { headers: { Depth: '0' } });
    return ['getetag', 'checksums', 'Checksum'].filter(
      (property) => body.includes(`:${property}>`) || body.includes(`<${property}`),
    );
  };
  expect(await stated(`/${name}`)).not.toEqual([]);
  expect((await ask(server.port, 'HEAD', `/${name}`, { headers: { 'Want-Digest': 'md5' } })).status).toBe(
    500,
  );
  expect(await stated(`/${name}`)).toEqual([]);
  const move = { headers: { Destination: '/moved' } };
  expect((await ask(server.port, 'MOVE', `/${name}`, move)).status).toBe(201);
  expect((await ask(server.port, 'GET', '/moved')).status).toBe(500);
  expect((await ask(server.port, 'PUT', '/moved', { body: 'new' })).status).toBe(204);
  expect((await ask(server.port, 'GET', '/moved')).body).toBe('new');
  const { name: other } = await rotten();
  await ask(server.port, 'HEAD', `/${other}`, { headers: { 'Want-Digest': 'md5' } });
  expect((await ask(server.port, 'DELETE', `/${other}`)).status).toBe(204);
  expect(server.complaints()).not.toBe('');
});

it('a client that leaves in the middle of its request is not reported', async () => {
  const socket = connect(server.port, '127.0.0.1');
  socket.write(
    'PROPFIND / HTTP/1.1\r\nHost: a\r\nDepth: 0\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n<',
  );
  await once(socket, 'data'); // the body is waited for
  socket.destroy();
  const exit = once(server.process, 'close');
  server.process.kill('SIGTERM'); // ends when the last connection is through
  await exit;
  expect(server.complaints()).toBe('');
});
