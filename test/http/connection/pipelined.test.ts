/** Requests that a client sends before it has the answers to earlier ones. */

import { EventEmitter, once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { takeOverFails } from '../../../lib/http/connection/take-over-check.js';
import { fileHandler, receive } from '../../../lib/http/index.js';
import { temporaryFolder } from '../../helpers/files.js';
import { listening } from '../../helpers/http.js';
import { Random } from '../../helpers/random.js';
import { Client, put } from '../server.js';
import { descriptorsOf, rawClient } from '../serving.js';

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

const length = 20;
const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;
const puts = (count: number) =>
  Array.from(
    { length: count },
    (_, i) => put('/file', { 'Content-Length': length }) + String(i).padStart(length),
  );

test('bodies are stored one after the other, with one file open at a time', async () => {
  const count = 100;
  const opened: number[] = [];
  const results: number[] = [];
  const port = await listening(async (request, response) => {
    if (request.method === 'GET') return void response.end('over');
    const index = opened.length;
    opened.push(0);
    const { status } = await receive(request, join(root, 'file'), {
      proceed: () => {
        opened[index] = descriptorsOf(root);
      },
    });
    results.push(index);
    response.writeHead(status).end();
  });
  await using client = new Client(port);
  await client.send(puts(count).join('') + get('/'));
  const answers = await client.until('over');
  expect(answers.match(/(?<=HTTP\/1.1 )\d+/g)).toEqual(['201', ...Array(count - 1).fill('204'), '200']);
  expect(results).toEqual(Array.from({ length: count }, (_, i) => i));
  // One upload has three or four; of the one before something may be closing still.
  expect(Math.max(...opened)).toBeLessThanOrEqual(8);
  expect(readFileSync(join(root, 'file'), 'utf8')).toBe(String(count - 1).padStart(length));
});

test('a body waits for the answer to a GET', async () => {
  const path = join(root, 'read-first');
  writeFileSync(path, 'old');
  const gate = new EventEmitter();
  const port = await listening(async (request, response) => {
    if (request.method === 'GET') {
      await once(gate, 'both are there');
      // A server that would store the body now has done so by then.
      for (let turn = 0; turn < 50; turn++) await stat(path);
      response.end(readFileSync(path, 'utf8'));
    } else {
      gate.emit('both are there');
      response.writeHead((await receive(request, path)).status).end();
    }
  });
  await using client = new Client(port);
  await client.send(get('/'), put('/', { 'Content-Length': 3 }), 'new');
  expect(await client.until('HTTP/1.1 204')).toMatch(/\r\nold(HTTP|\r\n)/);
  expect(readFileSync(path, 'utf8')).toBe('new');
});

test('a client that leaves, or sends more than a thousand, ends what waits, and nothing is stored', async () => {
  const names = readdirSync(root);
  for (const count of [100, 1001]) {
    const errors: unknown[] = [];
    let there = 0;
    const port = await listening(async (request) => {
      // Nobody answers the first.
      if (++there > 1) await receive(request, join(root, 'never')).catch((error) => errors.push(error));
    });
    await using client = new Client(port);
    await client.send(get('/') + puts(count).join(''));
    await expect.poll(() => there).toBe(1 + count);
    if (count < 1000) client.socket.destroy();
    else await client.end();
    await expect.poll(() => errors.length).toBe(count);
    for (const error of errors) expect(error).toMatchObject({ code: 'ERR_SLUICE_DISCONNECTED' });
  }
  expect(readdirSync(root)).toEqual(names);
});

test('a signal ends the waiting', async () => {
  const abandon = new AbortController();
  const outcomes: unknown[] = [];
  const port = await listening((request) => {
    if (request.method === 'GET') return;
    receive(request, join(root, 'never'), { signal: abandon.signal }).catch((error) => outcomes.push(error));
    abandon.abort();
  });
  await using client = new Client(port);
  await client.send(get('/'), put('/', { 'Content-Length': 3 }));
  await expect.poll(() => outcomes).toMatchObject([{ code: 'ERR_SLUICE_ABORTED' }]);
});
