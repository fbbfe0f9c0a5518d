/** A server on a free port of this machine, and requests to it that say all they saw. */

import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type RequestListener,
  request,
  type Server,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

export interface Sent {
  headers?: Record<string, string>;
  /** A list is sent in chunks, without a Content-Length. */
  body?: string | Buffer | readonly string[];
  trailers?: Record<string, string>;
}

/** Listens until the test is over. Returns the port. */
export async function listening(handler: RequestListener | Server): Promise<number> {
  const server = typeof handler === 'function' ? createServer(handler) : handler;
  server.requestTimeout = 0; // or the first upload warns of it
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return (server.address() as AddressInfo).port;
}

/** A port that is free now, for a server that must be told one. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

export function ask(port: number, method: string, path: string, sent: Sent = {}): Promise<Answer> {
  const { headers = {}, body = '', trailers } = sent;
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port, method, path, headers, agent: false }, (response) => {
      buffer(response).then(
        (bytes) =>
          resolve({
            status: response.statusCode as number,
            headers: response.headers,
            body: bytes.toString(),
          }),
        reject,
      );
    });
    outgoing.on('error', reject);
    if (Array.isArray(body)) for (const chunk of body as readonly string[]) outgoing.write(chunk);
    if (trailers) outgoing.addTrailers(trailers);
    if (Array.isArray(body)) outgoing.end();
    else outgoing.end(body);
  });
}
