import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  constants,
  openSync,
  readFileSync,
  readSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { Agent, createServer, request, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { markFlow, parseSciTag } from '../../lib/http/scitags.js';
import { openDescriptors, temporaryFolder } from '../helpers/files.js';
import { listening } from '../helpers/http.js';

const folder = temporaryFolder();
let pipes = 0;
let pipe = '';

/** A server that marks what it is asked for, and answers 200 with a few bytes. */
const server = createServer(async (incoming, outgoing) => {
  markFlow(pipe, incoming, outgoing);
  await buffer(incoming).catch(() => {}); // the client may go away
  outgoing.end('some bytes');
});
let port = 0;

function listen(host: string): Promise<void> {
  return new Promise((resolve) => {
    server.listen(0, host, () => {
      port = (server.address() as AddressInfo).port;
      resolve();
    });
  });
}

beforeAll(() => listen('::'));
afterAll(() => void server.close());

interface Answer {
  status: number | undefined;
  /** The port that the request came from. */
  from: number;
}

/** Sends a request and waits for the end of the server's response as the server sees it. */
async function send(method: string, headers: Record<string, string>, host = '127.0.0.1'): Promise<Answer> {
  const over = new Promise((resolve) => {
    server.once('request', (_, outgoing) => outgoing.once('close', resolve));
  });
  const agent = new Agent({ keepAlive: false });
  const answer = await new Promise<Answer>((resolve, reject) => {
    const outgoing = request({ host, port, method, headers, agent }, (response) => {
      const from = response.socket.localPort as number;
      buffer(response).then(() => resolve({ status: response.statusCode, from }), reject);
    });
    outgoing.on('error', reject).end();
  });
  await over;
  return answer;
}

/** A new named pipe, and what came through it: the reader is there until the test is over. */
function namedPipe(): { lines(): string[]; writer(): number } {
  pipe = join(folder, `flowd-${pipes++}`);
  execFileSync('mkfifo', [pipe]);
  const reader = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK);
  onTestFinished(() => closeSync(reader));
  return {
    writer: () => openSync(pipe, constants.O_WRONLY | constants.O_NONBLOCK),
    lines() {
      const bytes = Buffer.alloc(65536);
      return bytes.toString('utf8', 0, readSync(reader, bytes)).split('\n').slice(0, -1);
    },
  };
}

describe('a tag', () => {
  it.each([
    ['65', 1, 1],
    ['66', 1, 2],
    ['65535', 1023, 63],
    ['00065', 1, 1],
    ['64', 0, 0],
    ['65536', 0, 0],
    ['-65', 0, 0],
    ['65.5', 0, 0],
    ['0x41', 0, 0],
    ['65, 66', 0, 0],
    ['', 0, 0],
    ['9'.repeat(400), 0, 0],
  ])('%s is experiment %i, activity %i', (value, experiment, activity) => {
    expect(parseSciTag(value)).toEqual({ experiment, activity });
  });
});

describe('flowd', () => {
  it.each([
    ['PUT', {}, true],
    ['GET', {}, false],
    ['COPY', {}, false],
    ['COPY', { Source: 'https://example.org/file' }, true],
  ])('hears of a %s, with the source first', async (method, headers, remoteIsSource) => {
    const { lines } = namedPipe();
    const { from } = await send(method, { ...headers, SciTag: '129' });
    const [remote, local] = [`127.0.0.1 ${from}`, `127.0.0.1 ${port}`];
    const flow = `tcp ${remoteIsSource ? `${remote} ${local}` : `${local} ${remote}`} 2 1`;
    expect(lines()).toEqual([`start ${flow}`, `end ${flow}`]);
  });

  it('hears of IPv6', async () => {
    const { lines } = namedPipe();
    const { from } = await send('GET', { SciTag: 'nonsense' }, '::1');
    expect(lines()).toEqual([`start tcp ::1 ${port} ::1 ${from} 0 0`, `end tcp ::1 ${port} ::1 ${from} 0 0`]);
  });

  it('hears of the end when the client goes away', async () => {
    const { lines } = namedPipe();
    const over = new Promise((resolve) => {
      server.once('request', (_, outgoing) => outgoing.once('close', resolve));
    });
    const outgoing = request({
      host: '127.0.0.1',
      port,
      method: 'PUT',
      headers: { SciTag: '65', 'Content-Length': 10 },
    });
    outgoing.on('error', () => {}).write('half');
    server.once('request', () => outgoing.destroy());
    await over;
    expect(lines().map((line) => line.split(' ')[0])).toEqual(['start', 'end']);
  });

  it('hears of requests that came at once when each has its turn, and never of one without', async () => {
    const { lines, writer } = namedPipe();
    const spare = writer(); // without one, a read would be the end of the file
    const responses: ServerResponse[] = [];
    const pipelining = createServer((incoming, outgoing) => {
      markFlow(pipe, incoming, outgoing);
      responses.push(outgoing);
      if (responses.length === 3) pipelining.emit('all');
    });
    const own = await listening(pipelining);
    const all = once(pipelining, 'all');
    const client = connect(own, '127.0.0.1');
    const get = (tag: number) => `GET / HTTP/1.1\r\nHost: a\r\nSciTag: ${tag}\r\n\r\n`;
    client.write(get(129) + get(130) + get(131));
    await all;
    const flow = `tcp 127.0.0.1 ${own} 127.0.0.1 ${client.localPort} 2`;
    expect(lines()).toEqual([`start ${flow} 1`]);
    const [first, second] = responses as [ServerResponse, ServerResponse];
    first.end('some bytes');
    await once(first, 'close');
    expect(lines()).toEqual([`end ${flow} 1`, `start ${flow} 2`]);
    client.destroy();
    await once(second, 'close');
    expect(lines()).toEqual([`end ${flow} 2`]);
    expect(lines, 'no start without an end').toThrow(/EAGAIN/);
    closeSync(spare);
  });

  it.each([
    ['DELETE', { SciTag: '65' }],
    ['HEAD', { SciTag: '65' }],
    ['GET', {}],
  ])('does not hear of a %s with %o', async (method, headers) => {
    const { lines, writer } = namedPipe();
    const fd = writer(); // without one, a read would be the end of the file
    await send(method, headers as Record<string, string>);
    expect(lines).toThrow(/EAGAIN/);
    closeSync(fd);
  });
});

describe('a transfer is not harmed', () => {
  it('by a pipe without a reader', async () => {
    pipe = join(folder, 'nobody-reads');
    execFileSync('mkfifo', [pipe]);
    expect((await send('GET', { SciTag: '65' })).status).toBe(200);
  });

  it('by a pipe that is full', async () => {
    const { lines, writer } = namedPipe();
    const fd = writer();
    const filler = Buffer.alloc(65536, 'x\n');
    expect(writeSync(fd, filler)).toBe(65536);
    expect((await send('GET', { SciTag: '65' })).status).toBe(200);
    expect(new Set(lines())).toEqual(new Set(['x']));
    expect(lines, 'no end without a start').toThrow(/EAGAIN/);
    closeSync(fd);
  });

  it('by something else in the place of the pipe, which stays as it is', async () => {
    pipe = join(folder, 'file');
    writeFileSync(pipe, 'untouched');
    expect((await send('GET', { SciTag: '65' })).status).toBe(200);
    expect(readFileSync(pipe, 'utf8')).toBe('untouched');
  });

  it('by a symbolic link, which is not followed', async () => {
    const { lines, writer } = namedPipe();
    const fd = writer();
    symlinkSync(pipe, join(folder, 'link'));
    pipe = join(folder, 'link');
    expect((await send('GET', { SciTag: '65' })).status).toBe(200);
    expect(lines).toThrow(/EAGAIN/);
    closeSync(fd);
  });

  it('by a pipe that is not there', async () => {
    pipe = join(folder, 'missing');
    expect((await send('GET', { SciTag: '65' })).status).toBe(200);
  });
});

it('leaves no descriptor', () => {
  expect(openDescriptors().filter((target) => target.startsWith(folder))).toEqual([]);
});
