/** Clients that stall, and those that are only slow. */

import { readdirSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../helpers/files.js';
import { Client, put, putServer } from './server.js';

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
