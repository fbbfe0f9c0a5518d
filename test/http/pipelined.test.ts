/** Requests that a client sends before it has the answers to earlier ones. */

import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { fileHandler } from '../../lib/http/index.js';
import { takeOverFails } from '../../lib/http/take-over-check.js';
import { temporaryFolder } from '../helpers/files.js';
import { listening } from '../helpers/http.js';
import { Random } from '../helpers/random.js';
import { put } from './server.js';
import { rawClient } from './serving.js';

const root = temporaryFolder();

test('a body that comes while an earlier answer is being sent is stored as it was sent', async () => {
  expect(await takeOverFails()).toBeUndefined();
  const big = Buffer.alloc(16 << 20, 'answer');
  const body = Buffer.alloc(4 << 20, new Random(2).bytes(997));
  writeFileSync(join(root, 'big'), big);
  const files = fileHandler({ locate: ({ url = '' }) => ({ root, path: url.slice(1) }) });
  const server = createServer(async (request, response) => {
    if (request.url?.startsWith('/small')) response.end(request.url);
    else await files(request, response);
  });
  const port = await listening(server);
  const socket = await rawClient(port, 'GET /big HTTP/1.1\r\nHost: a\r\n\r\n');
  const [first] = (await once(server, 'request')) as [IncomingMessage];
  await expect.poll(() => first.socket.writableNeedDrain).toBe(true);
  socket.write(put('/up', { 'Content-Length': body.length }));
  socket.write(body.subarray(0, 100_000));
  await once(server, 'request');
  // A server that would take the body now has done so by then.
  for (let turn = 0; turn < 200; turn++) await setImmediate();
  const all = buffer(socket);
  socket.write(body.subarray(100_000));
  const urls = Array.from({ length: 300 }, (_, index) => `/small${index}`);
  const last = 'GET /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';
  socket.write(urls.map((url) => `GET ${url} HTTP/1.1\r\nHost: a\r\n\r\n`).join('') + last);
  const answers = await all;
  const end = answers.indexOf('\r\n\r\n') + 4 + big.length;
  expect(answers.subarray(end - big.length, end).equals(big)).toBe(true);
  const rest = answers.toString('latin1', end);
  expect(rest).toMatch(/^HTTP\/1.1 201 Created\r\n/);
  expect(rest.match(/(?<=\r\n\r\n)\/small\d+/g)).toEqual(urls);
  expect(readFileSync(join(root, 'up')).equals(body)).toBe(true);
});
