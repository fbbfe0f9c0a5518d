/** Clients that stall, and those that are only slow. */

import { once } from 'node:events';
import { readdirSync, truncateSync, utimesSync } from 'node:fs';
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { send } from '../../../lib/http/index.js';
import { fileOf, temporaryFolder } from '../../helpers/files.js';
import { Client, put, putServer } from '../server.js';
import { descriptorsOf, firstBytes, rawClient, serving } from '../serving.js';

describe.each(['stream', 'relay'] as const)('by %s', (transport) => {
  test('a client that stalls is told so, and let go', async () => {
    const root = temporaryFolder();
    const { server, port, outcomes } = await putServer(root, { transport, idleTimeout: 200 });
    await using client = new Client(port);
    await client.send(put('/file', { 'Content-Length': 3_000_000 }), Buffer.alloc(1_000_000));
    const answer = await client.end();
    expect(answer).toContain('HTTP/1.1 408 Request Timeout\r\n');
    expect(answer).toContain('\r\nConnection: close\r\n');
    expect(outcomes).toMatchObject([{ code: 'ERR_SLUICE_TIMEOUT' }]);
    expect(readdirSync(root)).toEqual([]);
    server.close();
  });

  test('one that sends now and then is waited for longer than an idle one', async () => {
    const { server, port, outcomes } = await putServer(temporaryFolder(), { transport, idleTimeout: 2000 });
    server.timeout = 2000;
    await using client = new Client(port);
    const piece = Buffer.alloc(500_000);
    await client.send(put('/file', { 'Content-Length': 6 * piece.length }));
    for (let i = 0; i < 6; i++) {
      await client.send(piece);
      await setTimeout(500);
    }
    expect(await client.until('\r\n\r\n')).toContain('HTTP/1.1 201 Created\r\n');
    expect(outcomes).toMatchObject([{ transport }]);
    client.socket.end();
    server.close();
  });
});

test('a client that reads no more is let go, and one that is slow is not', async () => {
  const folder = temporaryFolder();
  const path = fileOf(folder, 0);
  // More than the buffers of two sockets hold.
  const size = 48 << 20;
  truncateSync(path, size);
  utimesSync(path, 1e9, 1e9);
  const impatient = await serving(path, { idleTimeout: 300 });
  await firstBytes(await rawClient(impatient.port, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'));
  expect(await impatient.over(1)).toMatchObject([{ code: 'ERR_SLUICE_TIMEOUT', path }]);
  expect(descriptorsOf(folder)).toBe(0);

  const patient = await serving(path, { idleTimeout: 2000 });
  const socket = await rawClient(patient.port, 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  let bytes = 0;
  socket.on('data', (chunk) => {
    bytes += chunk.length;
    socket.pause();
    setTimeout((4000 * chunk.length) / size).then(() => socket.resume());
  });
  socket.resume();
  expect(await patient.over(1)).toMatchObject([{ status: 200, bytes: size }]);
  await expect.poll(() => bytes).toBeGreaterThan(size);
});

test('over HTTP/2 each stream is looked at by itself', async () => {
  const folder = temporaryFolder();
  const path = fileOf(folder, 4 << 20);
  utimesSync(path, 1e9, 1e9);
  const outcomes: unknown[] = [];
  const server = createHttp2Server(async (request, response) => {
    const name = request.url;
    await send(response as never, path, { idleTimeout: 1500 }).then(
      ({ bytes }) => outcomes.push([name, bytes]),
      ({ code }) => outcomes.push([name, code]),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  // As much as a part is on its way for each of them.
  const streams = ['/slow', '/as-slow', '/stalled'].map((name) =>
    client.request({ ':path': name }).on('error', () => {}),
  );
  for (const stream of streams.slice(0, 2)) {
    stream.on('data', (chunk: Buffer) => {
      stream.pause();
      setTimeout((4000 * chunk.length) / (4 << 20)).then(() => stream.resume());
    });
  }
  await expect.poll(() => outcomes.length).toBe(3);
  expect(outcomes).toEqual(
    expect.arrayContaining([
      ['/slow', 4 << 20],
      ['/as-slow', 4 << 20],
      ['/stalled', 'ERR_SLUICE_TIMEOUT'],
    ]),
  );
  expect(descriptorsOf(folder)).toBe(0);
  client.destroy();
  server.close();
});

test('idleTimeout is a time', async () => {
  for (const idleTimeout of [0, -1, Number.NaN, 2 ** 31, '5' as never as number]) {
    const { server, port, outcomes } = await putServer(temporaryFolder(), { idleTimeout });
    await using client = new Client(port);
    await client.send(put('/file', { 'Content-Length': 0 }));
    await client.until('\r\n\r\n');
    expect(outcomes).toMatchObject([{ code: 'ERR_SLUICE_OPTION' }]);
    server.close();
  }
});

test('profiles that have no place for the algorithms are refused before the body has come', async () => {
  const options = { profiles: ['storm'], algorithms: ['crc32'] } as const;
  const { server, port, outcomes } = await putServer(temporaryFolder(), options);
  await using client = new Client(port);
  await client.send(put('/file', { 'Content-Length': 5 }));
  await client.until('\r\n\r\n');
  expect(outcomes).toMatchObject([{ code: 'ERR_SLUICE_OPTION' }]);
  server.close();
});
