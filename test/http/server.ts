/** A server that stores what is PUT, and clients that speak to it byte by byte. */

import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { problemOf, type ReceiveOptions, type ReceiveResult, receive } from '../../lib/http/index.js';

export interface PutServer {
  port: number;
  server: Server;
  /** What came of each PUT, in order of the answers. */
  outcomes: (ReceiveResult | Error)[];
}

/** Answers anything but PUT with the path. `Expect: 100-continue` is answered by `receive`. */
export async function putServer(root: string, options: ReceiveOptions = {}): Promise<PutServer> {
  const outcomes: PutServer['outcomes'] = [];
  const handle = async (request: IncomingMessage, response: ServerResponse, proceed?: () => void) => {
    const path = decodeURIComponent(request.url ?? '/');
    if (request.method !== 'PUT') return void response.end(`at ${path}`);
    try {
      const result = await receive(request, { root, path }, { ...options, ...(proceed && { proceed }) });
      outcomes.push(result);
      response.writeHead(result.status, result.fields).end();
    } catch (error) {
      outcomes.push(error as Error);
      const { status, headers, body } = problemOf(error);
      response.writeHead(status, headers).end(body);
    }
  };
  const server = createServer({ requestTimeout: 0 }, (request, response) => void handle(request, response));
  server.on(
    'checkContinue',
    (request, response) => void handle(request, response, () => response.writeContinue()),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, server, outcomes };
}

export class Client {
  readonly socket: Socket;
  #received = '';
  readonly #changed: (() => void)[] = [];

  constructor(port: number) {
    this.socket = connect(port, '127.0.0.1');
    this.socket.setEncoding('latin1');
    const wake = () => {
      for (const each of this.#changed.splice(0)) each();
    };
    this.socket.on('data', (text: string) => {
      this.#received += text;
      wake();
    });
    this.socket.on('close', wake);
    this.socket.on('error', () => {}); // resets are what some tests are about
  }

  /** Sends bytes, and waits until they were taken. */
  async send(...parts: (string | Uint8Array)[]): Promise<void> {
    for (const part of parts) await new Promise((resolve) => this.socket.write(part, resolve));
  }

  /** All that came, once it has the text, or the connection is closed. */
  async until(text: string | RegExp): Promise<string> {
    const there = () =>
      typeof text === 'string' ? this.#received.includes(text) : text.test(this.#received);
    while (!there() && !this.socket.destroyed)
      await new Promise<void>((resolve) => this.#changed.push(resolve));
    return this.#received;
  }

  /** All that came, once the connection is closed. */
  end(): Promise<string> {
    return this.until(/(?!)/);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.destroy();
    if (!this.socket.closed) await once(this.socket, 'close');
  }
}

/** The head of a PUT. */
export function put(path: string, fields: Record<string, string | number>): string {
  const lines = Object.entries({ Host: 'a', ...fields }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `PUT ${path} HTTP/1.1\r\n${lines.join('')}\r\n`;
}
