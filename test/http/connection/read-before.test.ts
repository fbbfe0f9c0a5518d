/** Bodies of which somebody else has read a part, or all. */

import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type ReceiveOptions, receive } from '../../../lib/http/index.js';
import { temporaryFolder } from '../../helpers/files.js';
import { listening } from '../../helpers/http.js';
import { Client, put } from '../server.js';

const root = temporaryFolder();
const chunk = `${(100_000).toString(16)}\r\n${'a'.repeat(100_000)}\r\n`;
const bodies = [
  [{ 'Transfer-Encoding': 'chunked' }, chunk + chunk, '0\r\n\r\n'],
  [{ 'Content-Length': 60_000 }, 'a'.repeat(30_000), 'a'.repeat(30_000)],
  [{ 'Content-Length': 3_000_000 }, 'a'.repeat(200_000), 'a'.repeat(2_800_000)],
] as const;

type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<unknown>;
const receiveIt = (request: IncomingMessage, options?: ReceiveOptions) =>
  receive(request, join(root, 'file'), options);

const handlers: Record<string, Handler> = {
  async 'all of it'(request) {
    for await (const _ of request);
    return receiveIt(request);
  },
  async 'the beginning'(request) {
    await once(request, 'data');
    request.pause();
    return receiveIt(request);
  },
  async 'the beginning, while the file is made'(request) {
    await expect.poll(() => request.readableLength).toBeGreaterThan(0);
    return receiveIt(request, { transport: 'stream', proceed: () => request.read() });
  },
  async 'Node, after the answer'(request, response) {
    response.end('early');
    await once(response, 'finish');
    return receiveIt(request);
  },
};

test.each(Object.entries(handlers))('by %s: nothing is stored', async (_, handle) => {
  for (const [fields, begin, end] of bodies) {
    const outcomes: unknown[] = [];
    const port = await listening(async (request, response) => {
      if (request.method === 'GET') return void response.end('it is next');
      outcomes.push(await handle(request, response).catch((error) => error));
      response.end();
    });
    await using client = new Client(port);
    await client.send(put('/', fields), begin, end, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await client.until('it is next');
    await expect.poll(() => outcomes).toHaveLength(1);
    expect(outcomes).toMatchObject([
      { code: 'ERR_SLUICE_OPTION', message: expect.stringContaining('read before') },
    ]);
    expect(readdirSync(root)).toEqual([]);
  }
});
