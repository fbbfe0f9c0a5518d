/** One behaviour, whatever the server, and whatever it mounts the files on. */

import { EventEmitter, once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { basename, join } from 'node:path';
import express from 'express';
import fastify from 'fastify';
import Koa from 'koa';
import { beforeEach, describe, expect, it } from 'vitest';
import { SluiceError } from '../../lib/errors/errors.js';
import { expressFiles } from '../../lib/http/adapters/express.js';
import { fastifyFiles } from '../../lib/http/adapters/fastify.js';
import { fileHandler } from '../../lib/http/adapters/file-handler.js';
import type { FileHandlerOptions } from '../../lib/http/adapters/file-handler-options.js';
import { koaFiles } from '../../lib/http/adapters/koa.js';
import { requestPath } from '../../lib/http/request-path.js';
import { run } from '../cli/run.js';
import { fileOf, openDescriptors, temporaryFolder } from '../helpers/files.js';
import { type Answer, ask, listening, type Sent } from '../helpers/http.js';
import { needs } from '../helpers/needs.js';
import { rot, storedFile } from '../helpers/rot.js';

needs('curl');

const base = temporaryFolder();
let folders = 0;
let root = '';
let port = 0;

/** Emits 'told' with what the handler tells of. */
const operator = new EventEmitter();

/** /files/NAME is a file, everything else the application's. */
const optionsAt = (prefix: '/files/' | '/'): FileHandlerOptions => ({
  locate(request: IncomingMessage) {
    const target = requestPath(request);
    const path = target.slice(prefix.length);
    if (!target.startsWith(prefix) || path === '') return undefined;
    if (path === 'private') throw new SluiceError('ERR_SLUICE_PERMISSION', 'It is private');
    if (path === 'fault') throw new TypeError('a fault of the application');
    return { root, path };
  },
  receive: { algorithms: ['adler32', 'crc32c'], transport: 'stream' },
  send: { verify: 'onread' },
  checkContinue: true,
  onError: (error, request) => operator.emit('told', error, requestPath(request).slice(prefix.length)),
});

const servers: Record<string, () => Promise<Server>> = {
  async 'node:http'() {
    const handle = fileHandler(optionsAt('/files/'));
    return createServer(async (request, response) => {
      if (!(await handle(request, response))) response.end('the application');
    });
  },
  async express() {
    const app = express();
    app.use(expressFiles(optionsAt('/files/')));
    app.use((_, response) => void response.send('the application'));
    return createServer(app);
  },
  async 'express, on a path'() {
    const app = express();
    app.use('/files', expressFiles(optionsAt('/')));
    app.use((_, response) => void response.send('the application'));
    return createServer(app);
  },
  async koa() {
    const app = new Koa();
    app.on('error', () => {}); // clients that leave, which are told to stderr otherwise
    app.use(koaFiles(optionsAt('/files/')));
    app.use((context) => {
      context.body = 'the application';
    });
    return createServer(app.callback());
  },
  async 'koa, on a path'() {
    const app = new Koa();
    app.on('error', () => {});
    const files = koaFiles(optionsAt('/'));
    // What koa-mount does.
    app.use(async (context, next) => {
      const { path } = context;
      if (!path.startsWith('/files/')) return next();
      context.path = path.slice('/files'.length);
      await files(context, next);
    });
    app.use((context) => {
      context.body = 'the application';
    });
    return createServer(app.callback());
  },
  async fastify() {
    const app = fastify();
    app.register(fastifyFiles(optionsAt('/')), { prefix: '/files' });
    app.all('/*', async () => 'the application');
    await app.ready();
    return app.server;
  },
  async 'fastify, in a scope of a scope'() {
    const app = fastify({ rewriteUrl: ({ url = '' }) => url.replace(/^\/files/, '/of/anybody/files') });
    app.register(async (scope) => scope.register(fastifyFiles(optionsAt('/')), { prefix: '/files' }), {
      prefix: '/of/:whom',
    });
    app.all('/*', async () => 'the application');
    await app.ready();
    return app.server;
  },
};

const send = (method: string, path: string, sent?: Sent): Promise<Answer> => ask(port, method, path, sent);

describe.each(Object.keys(servers))('%s', (name) => {
  beforeEach(async () => {
    root = join(base, String(folders++));
    mkdirSync(root);
    const server = await (servers[name] as () => Promise<Server>)();
    server.on('checkContinue', (request, response) => server.emit('request', request, response));
    port = await listening(server);
  });

  it('stores a PUT and says what it stored', async () => {
    const { status, headers } = await send('PUT', '/files/one', { body: '123456789' });
    expect(status).toBe(201);
    expect(headers['digest']).toBe('adler32=091e01de,crc32c=e3069283');
    expect(readFileSync(join(root, 'one'), 'utf8')).toBe('123456789');
    expect((await send('PUT', '/files/one', { body: ['in', ' chunks'] })).status).toBe(204);
    expect(readFileSync(join(root, 'one'), 'utf8')).toBe('in chunks');
  });

  it('stores JSON as it comes', async () => {
    const headers = { 'Content-Type': 'application/json' };
    expect((await send('PUT', '/files/json', { body: '{ not json', headers })).status).toBe(201);
    expect(readFileSync(join(root, 'json'), 'utf8')).toBe('{ not json');
  });

  it('serves it, in whole, in part and not at all, with its digest', async () => {
    await send('PUT', '/files/two', { body: '123456789' });
    const headers = { 'Want-Digest': 'ADLER32' };
    const whole = await send('GET', '/files/two', { headers });
    expect(whole).toMatchObject({ status: 200, body: '123456789' });
    expect(whole.headers['digest']).toBe('adler32=091e01de');
    expect(await send('GET', '/files/two', { headers: { Range: 'bytes=2-4' } })).toMatchObject({
      status: 206,
      body: '345',
    });
    const head = await send('HEAD', '/files/two', { headers });
    expect(head).toMatchObject({ status: 200, body: '' });
    expect(head.headers['digest']).toBe('adler32=091e01de');
    expect(head.headers['content-length']).toBe('9');
  });

  it('refuses what is wrong and keeps what was there', async () => {
    await send('PUT', '/files/three', { body: 'old' });
    const { status, headers, body } = await send('PUT', '/files/three', {
      body: 'new',
      headers: { Digest: 'adler32=1' },
    });
    expect(status).toBe(412);
    expect(headers['content-type']).toBe('application/problem+json');
    expect(JSON.parse(body)).toMatchObject({ code: 'ERR_SLUICE_MISMATCH' });
    expect(readFileSync(join(root, 'three'), 'utf8')).toBe('old');
    expect(readdirSync(root)).toEqual(['three']);
  });

  it('does not ask for a body that it will not take', async () => {
    await send('PUT', '/files/four', { body: 'old' });
    const file = fileOf(base, 100_000);
    const put = (...args: string[]) =>
      run('curl', [
        '-s',
        '-i',
        '-H',
        'Expect: 100-continue',
        '--expect100-timeout',
        '30',
        '-T',
        file,
        ...args,
        `http://127.0.0.1:${port}/files/four`,
      ]);
    expect((await put('-H', 'If-None-Match: *')).stdout).toMatch(/^HTTP\/1\.1 412 /);
    expect((await put()).stdout).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 204 /);
    // A client of HTTP/1.0 would take it for the answer.
    expect((await put('--http1.0')).stdout).toMatch(/^HTTP\/1\.1 204 /);
    expect(readFileSync(join(root, 'four'))).toEqual(readFileSync(file));
  });

  it('is heard by a client that sends a body which nobody wants', async () => {
    writeFileSync(join(root, 'five'), 'old');
    const headers = { 'If-None-Match': '*' };
    const answer = await send('PUT', '/files/five', { body: Buffer.alloc(32 << 20), headers });
    expect(answer).toMatchObject({ status: 412, headers: { connection: 'close' } });
  });

  it('finds nothing where nothing is', async () => {
    expect((await send('GET', '/files/missing')).status).toBe(404);
  });

  it('makes no folder for a PUT', async () => {
    const { status, body } = await send('PUT', '/files/missing/file', { body: 'new' });
    expect(status).toBe(409);
    expect(JSON.parse(body)).toMatchObject({ code: 'ERR_SLUICE_NO_FOLDER' });
    expect((await send('GET', '/files/missing/file')).status).toBe(404);
    expect(readdirSync(root)).toEqual([]);
  });

  it('says where its answer ends, though it has no body', async () => {
    const made = await send('PUT', '/files/seven', { body: 'old' });
    expect(made).toMatchObject({ status: 201, headers: { 'content-length': '0' } });
    const replaced = await send('PUT', '/files/seven', { body: 'new' });
    expect(replaced.status).toBe(204);
    const etag = made.headers.etag as string;
    const changed = await send('GET', '/files/seven', { headers: { 'If-Match': etag } });
    expect(changed).toMatchObject({ status: 412, headers: { 'content-length': '0' } });
    const same = { 'If-None-Match': replaced.headers.etag as string };
    const unmodified = await send('GET', '/files/seven', { headers: same });
    expect(unmodified.status).toBe(304);
    // RFC 9110, 8.6
    for (const { headers } of [replaced, unmodified]) expect(headers).not.toHaveProperty('content-length');
    for (const { headers } of [made, replaced, changed, unmodified])
      expect(headers).not.toHaveProperty('transfer-encoding');
  });

  it.each(['../outside', '..%2foutside', '%2e%2e/outside', 'a/../../outside', 'link', 'folder/outside'])(
    'does not lead out by %s',
    async (path) => {
      const outside = join(base, 'outside');
      writeFileSync(outside, 'secret');
      symlinkSync(outside, join(root, 'link'));
      symlinkSync(base, join(root, 'folder'));
      mkdirSync(join(root, 'a'));
      for (const method of ['GET', 'PUT']) {
        const { status, body } = await send(method, `/files/${path}`, { body: method === 'PUT' ? 'x' : '' });
        expect([403, 404, 409], method).toContain(status);
        expect(body).not.toContain('secret');
      }
      expect(readFileSync(outside, 'utf8')).toBe('secret');
      expect(readdirSync(root).sort()).toEqual(['a', 'folder', 'link']);
    },
  );

  it('answers what locate throws', async () => {
    const { status, body } = await send('GET', '/files/private');
    expect(status).toBe(403);
    expect(JSON.parse(body)).toMatchObject({ code: 'ERR_SLUICE_PERMISSION' });
  });

  it.each<[string, number, object]>([
    ['answers with 500', 1000, { status: 500 }],
    ['breaks off', 4 * 524288, { code: 'ECONNRESET' }],
  ])('tells who runs it of the rot that it %s for', async (_, size, outcome) => {
    const file = await storedFile(root, size);
    rot(file, 5);
    const path = basename(file);
    const told = once(operator, 'told');
    expect(await send('GET', `/files/${path}`).catch((error) => error)).toMatchObject(outcome);
    expect(await told).toEqual([expect.objectContaining({ code: 'ERR_SLUICE_CORRUPT', path }), path]);
  });

  it('tells who runs it of a fault of its own, and of no client that asks for what it can not have', async () => {
    const told: unknown[] = [];
    const hear = (error: unknown) => told.push(error);
    operator.on('told', hear);
    const headers = { Digest: 'adler32=1' };
    expect((await send('PUT', '/files/six', { body: 'six', headers })).status).toBe(412);
    expect((await send('GET', '/files/missing')).status).toBe(404);
    const encoded = { 'Content-Encoding': 'gzip' };
    expect((await send('PUT', '/files/six', { body: 'six', headers: encoded })).status).toBe(501);
    expect(told).toEqual([]);
    expect((await send('GET', '/files/fault')).status).toBe(500);
    expect(told).toEqual([new TypeError('a fault of the application')]);
    operator.off('told', hear);
  });

  it('leaves the rest to the application, and no descriptor', async () => {
    expect(await send('GET', '/other')).toMatchObject({ status: 200, body: 'the application' });
    expect(await send('POST', '/other', { body: '' })).toMatchObject({
      status: 200,
      body: 'the application',
    });
    expect(openDescriptors().filter((target) => target.startsWith(base))).toEqual([]);
  });
});
