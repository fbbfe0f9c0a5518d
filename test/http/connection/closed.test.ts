/** Connections that the server closes while their bodies are taken past Node. */

import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { TakenBody } from '../../../lib/http/connection/take-over.js';
import { createChecksum } from '../../../lib/index.js';
import { temporaryFolder } from '../../helpers/files.js';
import { Client, put, putServer } from '../server.js';

const root = temporaryFolder();
const body = Buffer.alloc(300_000, 'body');
const length = { 'Content-Length': body.length };

test('a closed socket gives no descriptor, and its parser is left alone', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  await using client = new Client((server.address() as AddressInfo).port);
  const requested = once(server, 'request') as Promise<[IncomingMessage]>;
  await client.send(put('/', length), body.subarray(1));
  const [request] = await requested;
  await setImmediate();
  const taken = new TakenBody(request);
  expect(taken.fd).toBeGreaterThan(2);
  server.closeAllConnections();
  const gone = expect.objectContaining({ code: 'ERR_SLUICE_DISCONNECTED' });
  for (const wait of [Promise.resolve(), once(request.socket, 'close')]) {
    await wait;
    expect(() => taken.fd).toThrow(gone);
    expect(() => taken.giveBack(taken.left)).toThrow(gone);
    expect(() => new TakenBody(request)).toThrow(gone);
  }
  server.close();
});

test('a connection that is closed at any moment harms no other', async () => {
  const victims = await putServer(root, { transport: 'relay' });
  const others = await putServer(root, { transport: 'relay' });
  const digest = `adler32=${createChecksum('adler32').update(body).digest('hex')}`;
  for (let turns = 0; turns < 40; turns++) {
    await using victim = new Client(victims.port);
    await victim.send(put('/victim', length), body);
    await once(victims.server, 'request');
    for (let i = 0; i < turns; i++) await setImmediate();
    victims.server.closeAllConnections();
    await using other = new Client(others.port);
    await other.send(put('/other', length), body, 'GET /after HTTP/1.1\r\nHost: a\r\n\r\n');
    const answers = await other.until('at /after');
    expect(answers).toContain(`Digest: ${digest}`);
    await expect.poll(() => victims.outcomes.length).toBe(turns + 1);
  }
  const failures = victims.outcomes.filter((each) => each instanceof Error);
  expect(failures.length).toBeGreaterThan(0);
  for (const each of failures) expect(each).toMatchObject({ code: 'ERR_SLUICE_DISCONNECTED' });
  for (const { server } of [victims, others]) {
    server.closeAllConnections();
    server.close();
  }
});

test('a connection that the caller closes in proceed fails as disconnected', async () => {
  const { server, port, outcomes } = await putServer(root, {
    transport: 'relay',
    proceed: () => server.closeAllConnections(),
  });
  await using client = new Client(port);
  await client.send(put('/file', length), body);
  await client.end();
  await expect.poll(() => outcomes).toMatchObject([{ code: 'ERR_SLUICE_DISCONNECTED' }]);
  server.close();
});
