/** What the example server says to who runs it, where a client hears next to nothing. */

import { once } from 'node:events';
import { connect } from 'node:net';
import { basename } from 'node:path';
import type { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { ask } from '../helpers/http.js';
import { rot, storedFile } from '../helpers/rot.js';
import { served } from './serve.js';

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

it('a client that leaves in the middle of its request is not worth a word', async () => {
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
