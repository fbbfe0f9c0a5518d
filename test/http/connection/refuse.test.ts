import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { SluiceError } from '../../../lib/errors/errors.js';
import { problemOf, refuse, requestPath } from '../../../lib/http/index.js';
import { listening } from '../../helpers/http.js';

describe('a refusal', () => {
  const serve = () =>
    listening((_, response) => refuse(response, problemOf(new SluiceError('ERR_SLUICE_PRECONDITION', 'No'))));

  async function sending(method: string, length: number): Promise<Socket> {
    const socket = connect(await serve(), '127.0.0.1');
    await once(socket, 'connect');
    socket.write(`${method} / HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n\r\n`);
    return socket;
  }

  it('reaches a client that reads nothing before it has sent all', async () => {
    const socket = await sending('PUT', 32 << 20);
    await new Promise<void>((resolve, reject) =>
      socket.write(Buffer.alloc(32 << 20), (error) => (error ? reject(error) : resolve())),
    );
    const answer = await text(socket);
    expect(answer).toMatch(/^HTTP\/1\.1 412 .*\r\nConnection: close\r\n.*"code":"ERR_SLUICE_PRECONDITION"/s);
  });

  it('is whole before the client has sent all', async () => {
    const socket = await sending('PUT', 2);
    let answer = '';
    for await (const chunk of socket) {
      answer += chunk;
      if (answer.endsWith('}')) break;
    }
    expect(answer).toMatch(/^HTTP\/1\.1 412 /);
  });

  it('ends the connection of a client that goes on and on', async () => {
    const socket = await sending('PUT', 2 ** 40);
    const over = new Promise<void>((resolve) => socket.on('error', () => {}).once('close', () => resolve()));
    const more = (error?: Error | null) => void (error || socket.write(Buffer.alloc(1 << 20), more));
    more();
    await over;
    expect(socket.bytesWritten).toBeGreaterThan(64 << 20);
  });

  it('leaves the connection open where nothing more comes', async () => {
    const socket = await sending('GET', 0);
    socket.write('HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    const answers = await text(socket);
    expect(answers.match(/HTTP\/1\.1 412 /g)).toHaveLength(2);
    expect(answers.match(/ERR_SLUICE_PRECONDITION/g)).toHaveLength(1);
  });
});

describe('the path of a request', () => {
  it.each([
    ['/a/b%20c?d=%zz', '/a/b c'],
    ['/', '/'],
    ['//', '//'],
    ['http://host:80/a', '/a'],
    ['HTTPS://host?x', '/'],
    ['/http://host/a', '/http://host/a'],
  ])('%s is %s', (url, path) => expect(requestPath({ url })).toBe(path));

  it.each(['', '*', '%zz', '/%zz', '/%00', '/%ff', '/a#b', 'host:80', 'a'])('"%s" has none', (url) => {
    expect(() => requestPath({ url })).toThrow(expect.objectContaining({ code: 'ERR_SLUICE_TARGET' }));
  });
});
