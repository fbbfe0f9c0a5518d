/** A server that sends one file, what came of each request, and clients that see every byte. */

import { once } from 'node:events';
import { readFileSync, utimesSync } from 'node:fs';
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import { problemOf, type Sendable, type SendOptions, type SendResult, send } from '../../lib/http/index.js';
import { fileOf, openDescriptors } from '../helpers/files.js';
import { listening } from '../helpers/http.js';

/** When an `oldFile` was last modified. */
export const modified = 'Sun, 09 Sep 2001 01:46:40 GMT';

/** A file of that many random bytes. */
export function oldFile(folder: string, size: number): { path: string; content: Buffer } {
  const path = fileOf(folder, size);
  utimesSync(path, 1e9, 1e9);
  return { path, content: readFileSync(path) };
}

export interface Serving {
  port: number;
  /** Responses in the order of their requests. */
  responses: ServerResponse[];
  /** What `send` gave or threw, in the order in which it settled, once it was called so often and all is over. */
  over(count: number): Promise<(SendResult | Error)[]>;
}

/** Serves one file for all requests, until the test is over. */
export async function serving(place: Sendable, options: SendOptions = {}): Promise<Serving> {
  const outcomes: (SendResult | Error)[] = [];
  const responses: ServerResponse[] = [];
  const settled = new EventTarget();
  const port = await listening(async (_, response) => {
    responses.push(response);
    response.setHeader('Content-Type', 'application/octet-stream');
    try {
      outcomes.push(await send(response, place, options));
    } catch (error) {
      outcomes.push(error as Error);
      const { status, headers, body } = problemOf(error);
      if (!response.headersSent) response.writeHead(status, headers).end(body);
    }
    settled.dispatchEvent(new Event('settled'));
  });
  const over = async (count: number) => {
    while (outcomes.length < count) await once(settled, 'settled');
    return outcomes;
  };
  return { port, responses, over };
}

export interface Seen {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

export function ask(port: number, headers: Record<string, string> = {}, method = 'GET'): Promise<Seen> {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, method, headers, agent: false }, (response) => {
      buffer(response).then(
        (body) => resolve({ status: response.statusCode as number, headers: response.headers, body }),
        reject,
      );
    })
      .on('error', reject)
      .end();
  });
}

/** A connection on which a request was written, and nothing read yet. */
export async function rawClient(port: number, text: string): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1' });
  onTestFinished(() => {
    socket.destroy();
  });
  socket.on('error', () => {}); // resets are what some tests are about
  await once(socket, 'connect');
  socket.pause();
  socket.write(text);
  return socket;
}

/** Waits for the first bytes of an answer, and reads no more than those. */
export async function firstBytes(socket: Socket): Promise<Buffer> {
  for (;;) {
    const bytes = socket.read() as Buffer | null;
    if (bytes) return bytes;
    await once(socket, 'readable');
  }
}

/** Everything that comes until the other end closes. */
export function theRest(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  return new Promise((resolve) => {
    socket.on('close', () => resolve(Buffer.concat(chunks)));
    socket.resume();
  });
}

/** How many descriptors this process has of a path, or of what is beneath it. */
export function descriptorsOf(path: string): number {
  return openDescriptors().filter((target) => target.startsWith(path)).length;
}

/** The fields that state digests. */
export function digestsIn(headers: object): object {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => /digest|checksum/.test(name)));
}
