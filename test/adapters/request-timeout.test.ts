/** Node ends every request that takes more than five minutes, unless it is told not to: who stores uploads hears of it. */

import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createSecureServer } from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import FileSystemAdapter from '@nephele/adapter-file-system';
import NoAuthenticator from '@nephele/authenticator-none';
import express from 'express';
import fastify from 'fastify';
import Koa from 'koa';
import nephele from 'nephele';
import { expect, it, onTestFinished } from 'vitest';
import { v2 as webdav } from 'webdav-server';
import {
  expressFiles,
  type FileHandlerOptions,
  fastifyFiles,
  fileHandler,
  koaFiles,
  nepheleChecksums,
  receive,
  requestPath,
  withChecksums,
} from '../../lib/http/index.js';
import { run } from '../cli/run.js';
import { certificateIn } from '../helpers/certificate.js';
import { fileOf, temporaryFolder } from '../helpers/files.js';
import { needs } from '../helpers/needs.js';

needs('curl', 'openssl');

const folder = temporaryFolder();
const root = temporaryFolder();
const { cert, key } = certificateIn(folder);
const upload = fileOf(folder, 1000);
const options: FileHandlerOptions = { locate: (request) => ({ root, path: requestPath(request) }) };

/** What answers requests, for servers that Node makes. */
const listeners: Record<string, () => Promise<RequestListener>> = {
  async fileHandler() {
    return fileHandler(options);
  },
  async receive() {
    return async (request, response) => {
      const { status, fields } = await receive(request, join(root, 'received'));
      response.writeHead(status, fields).end();
    };
  },
  async Express() {
    return express().use(expressFiles(options));
  },
  async Koa() {
    return new Koa().use(koaFiles(options)).callback();
  },
  async nephele() {
    const adapter = new FileSystemAdapter({ root });
    const plugins = [nepheleChecksums() as never];
    return express().use('/', nephele({ adapter, authenticator: new NoAuthenticator(), plugins }));
  },
  async 'webdav-server'() {
    const server = new webdav.WebDAVServer();
    await server.setFileSystemAsync('/', withChecksums(new webdav.PhysicalFileSystem(root)));
    return (request, response) => void server.executeRequest(request, response);
  },
};

/** The warnings that three PUTs cause. */
async function warningsOf(server: Server, scheme = 'http'): Promise<(Error & { code?: string })[]> {
  const warnings: Error[] = [];
  const warned = (warning: Error) => warnings.push(warning);
  process.on('warning', warned);
  server.listen(0, '127.0.0.1');
  onTestFinished(() => {
    process.off('warning', warned);
    server.close();
    server.closeAllConnections?.();
  });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  for (const name of ['a', 'b', 'c']) {
    const { stdout } = await run('curl', [
      '-sk',
      '-w',
      '%{http_code}',
      '-T',
      upload,
      `${scheme}://127.0.0.1:${port}/${name}`,
    ]);
    expect(stdout).toMatch(/^20[014]$/);
  }
  return warnings;
}

const warning = expect.objectContaining({
  code: 'SLUICE_REQUEST_TIMEOUT',
  message: expect.stringMatching(/more than 300 s\. Set requestTimeout of the server to 0/),
});

it.each(Object.keys(listeners))(
  '%s warns once of a server, of HTTP or HTTPS, that has a limit',
  async (name) => {
    const listener = await (listeners[name] as () => Promise<RequestListener>)();
    expect(await warningsOf(createServer(listener))).toEqual([warning]);
    expect(await warningsOf(createHttpsServer({ key, cert }, listener), 'https')).toEqual([warning]);
  },
);

it.each(Object.keys(listeners))('%s does not warn of a server without a limit', async (name) => {
  const listener = await (listeners[name] as () => Promise<RequestListener>)();
  expect(await warningsOf(createServer({ requestTimeout: 0 }, listener))).toEqual([]);
  expect(await warningsOf(createHttpsServer({ key, cert, requestTimeout: 0 }, listener), 'https')).toEqual(
    [],
  );
});

it('Fastify has no limit of its own, and the adapter warns of one that is set', async () => {
  for (const [settings, expected] of [
    [{}, []],
    [{ requestTimeout: 300_000 }, [warning]],
  ] as const) {
    const app = fastify(settings);
    app.register(fastifyFiles(options));
    await app.ready();
    expect(await warningsOf(app.server)).toEqual(expected);
  }
});

it('HTTP/2 has no such limit, and is not warned of', async () => {
  const handler = fileHandler(options) as never;
  const server = createSecureServer({ key, cert, allowHTTP1: true }, handler) as unknown as Server;
  expect(await warningsOf(server, 'https')).toEqual([]);
});
