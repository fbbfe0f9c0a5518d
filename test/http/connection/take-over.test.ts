/** When a body may be taken past Node, and that Node leaves the socket alone while it is. */

import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { obstacle, TakenBody } from '../../../lib/http/connection/take-over.js';
import { createChecksum } from '../../../lib/index.js';
import { relay } from '../../../lib/relay/index.js';
import { Random } from '../../helpers/random.js';
import { Client, put } from '../server.js';

const body = Buffer.alloc(1_000_000, new Random(1).bytes(997));
const head = put('/', { 'Content-Length': body.length });
const next = 'GET /next HTTP/1.1\r\nHost: a\r\n\r\n';
/** More than the buffers of a connection hold. */
const answer = Buffer.alloc(16 << 20, 'answer');

let server: Server;
let client: Client;
let requested: Promise<IncomingMessage>;

beforeEach(async () => {
  server = createServer();
  requested = new Promise((resolve) => {
    server.on('request', (request, response) => {
      if (request.method === 'PUT') resolve(request);
      else response.end(request.url === '/next' ? 'it is next' : answer);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  client = new Client((server.address() as AddressInfo).port);
});
afterEach(async () => {
  await client[Symbol.asyncDispose]();
  server.closeAllConnections();
  server.close();
});

/** A request of whose body so many bytes have come. */
async function begun(bytes = 1000): Promise<IncomingMessage> {
  await client.send(head, body.subarray(0, bytes));
  const request = await requested;
  await setImmediate();
  return request;
}

/** The checksum of what is taken. */
async function store(taken: TakenBody): Promise<string> {
  await using sink = await open('/dev/null', 'w');
  const { checksums } = await relay(taken.fd, sink, { range: { end: taken.left } });
  return checksums.adler32?.hex as string;
}

interface Internals {
  parser: { pause(): void };
  _handle: { readStart(): number };
}

/** What Node has for itself. */
const inside = (socket: Socket) => socket as unknown as Internals;

const lost = expect.objectContaining({
  code: 'ERR_SLUICE_DISCONNECTED',
  message: expect.stringContaining('lost its place'),
});

test('a take-over is refused while an earlier answer blocks, and possible when it has drained', async () => {
  const connected = once(server, 'connection') as Promise<[Socket]>;
  client.socket.pause();
  await client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  const [socket] = await connected;
  await expect.poll(() => socket.writableNeedDrain).toBe(true);
  const request = await begun();
  expect(obstacle(request)).toBe('an earlier answer is still being sent');
  expect(() => new TakenBody(request)).toThrow('an earlier answer is still being sent');
  client.socket.resume();
  await expect.poll(() => socket.writableLength).toBe(0);
  expect(obstacle(request)).toBeUndefined();
});

test('a take-over of a socket that somebody listens to is refused', async () => {
  server.on('connection', (socket) => socket.on('data', () => {}));
  expect(obstacle(await begun())).toBe('somebody else reads from the socket');
});

test('a take-over of a body that is taken over is refused', async () => {
  const request = await begun(0);
  new TakenBody(request);
  expect(() => new TakenBody(request)).toThrow('somebody else reads the body');
});

test('Node reads nothing of a socket that is taken over, though it is resumed, and reads on afterwards', async () => {
  const request = await begun();
  const { socket } = request;
  // Runs when the socket has been taken.
  socket.resume();
  const taken = new TakenBody(request);
  const read = socket.bytesRead;
  await client.send(body.subarray(1000, 200_000));
  await setImmediate();
  socket.resume();
  socket.read(0);
  await client.send(body.subarray(200_000, 300_000));
  await setImmediate();
  expect(socket.bytesRead).toBe(read);
  const stored = store(taken);
  await client.send(body.subarray(300_000), next);
  const rest = body.subarray(body.length - taken.left);
  expect(await stored).toBe(createChecksum('adler32').update(rest).digest('hex'));
  const ended = once(request, 'end');
  taken.giveBack(taken.left);
  await ended;
  expect(socket.bytesRead).toBeGreaterThanOrEqual(read);
  await expect.poll(() => socket.bytesRead).toBe(read + next.length);
});

test('a byte that Node reads during a take-over is an error', async () => {
  const request = await begun();
  const { socket } = request;
  const taken = new TakenBody(request);
  const read = socket.bytesRead;
  Object.getPrototypeOf(inside(socket)._handle).readStart.call(inside(socket)._handle);
  await client.send(body.subarray(1000, 2000));
  await expect.poll(() => socket.bytesRead).toBeGreaterThan(read);
  expect(() => taken.giveBack(taken.left)).toThrow(lost);
  expect(socket.destroyed).toBe(true);
});

test('a parser that does not take what it is shown is an error', async () => {
  const request = await begun();
  const taken = new TakenBody(request);
  inside(request.socket).parser.pause();
  expect(() => taken.giveBack(taken.left)).toThrow(lost);
  expect(request.socket.destroyed).toBe(true);
});
