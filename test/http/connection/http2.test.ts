import { once } from 'node:events';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  type ClientHttp2Session,
  connect,
  constants,
  createServer,
  type Http2ServerRequest,
} from 'node:http2';
import { type AddressInfo, connect as connectSocket, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { SluiceError } from '../../../lib/errors/errors.js';
import { problemOf, receive, refuse, send } from '../../../lib/http/index.js';
import { fileOf, openDescriptors, temporaryFolder } from '../../helpers/files.js';

const folder = temporaryFolder();

/** A connection to a server, both there until the test is over. */
async function connected(
  handler: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<{ session: ClientHttp2Session; socket: Socket }> {
  // Node's compatibility API gives HTTP/2 the look of node:http, but not its types.
  const server = createServer(handler as never).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connectSocket((server.address() as AddressInfo).port, '127.0.0.1');
  const session = connect('http://localhost', { createConnection: () => socket });
  session.on('error', () => {}); // what a connection says that is destroyed
  onTestFinished(() => {
    session.destroy();
    server.close();
  });
  return { session, socket };
}

/** A connection to a server that answers one request, and what came of it. */
async function settling(answer: (request: IncomingMessage, response: ServerResponse) => Promise<unknown>) {
  let settle: (outcome: unknown) => void;
  const outcome = new Promise<unknown>((resolve) => {
    settle = resolve;
  });
  const connection = await connected((request, response) => answer(request, response).then(settle, settle));
  return { ...connection, outcome };
}

describe('a body whose length is not announced', () => {
  /** Receives what is PUT after some ms, and tells what came of it. */
  const receiving = (path: string, late: number) =>
    settling(async (request, response) => {
      await setTimeout(late);
      try {
        const result = await receive(request, path);
        response.writeHead(result.status, result.fields).end();
        return result;
      } catch (error) {
        refuse(response, problemOf(error));
        return error;
      }
    });

  it.each(
    ['the stream is reset', 'the connection goes'].flatMap((how) =>
      [0, 30].flatMap((late) => [0, 1, 3, 10].map((after) => [how, after, late] as const)),
    ),
  )(
    'is not taken for whole when %s %i ms after it began, and it is read %i ms later',
    async (how, after, late) => {
      for (let round = 0; round < 5; round++) {
        const path = join(folder, 'old');
        writeFileSync(path, 'old');
        const { session, socket, outcome } = await receiving(path, late);
        const stream = session.request({ ':method': 'PUT' });
        stream.on('error', () => {});
        await new Promise<void>((resolve) => stream.write(Buffer.alloc(16_000), () => resolve()));
        if (after > 0) await setTimeout(after);
        // To close it would end the body first.
        if (how === 'the stream is reset') stream.destroy(new Error('reset'));
        else socket.destroy();
        expect(await outcome).toMatchObject({ code: 'ERR_SLUICE_DISCONNECTED' });
        expect(readFileSync(path, 'utf8')).toBe('old');
      }
      expect(readdirSync(folder)).toEqual(['old']);
      expect(openDescriptors().filter((target) => target.startsWith(folder))).toEqual([]);
    },
  );

  it('is stored when it has ended, be it empty', async () => {
    for (const content of ['', 'new', 'n'.repeat(100_000)]) {
      const path = join(folder, 'old');
      const { session, outcome } = await receiving(path, 0);
      session.request({ ':method': 'PUT' }).end(content);
      expect(await outcome).toMatchObject({ status: 204, bytes: content.length });
      expect(readFileSync(path, 'utf8')).toBe(content);
    }
  });
});

describe('a body with a digest announced after it', () => {
  it.each<[string, Record<string, string> | undefined, object]>([
    ['is stored when it comes', { digest: 'adler32=062c0215' }, { status: 204 }],
    ['is refused when it is wrong', { digest: 'adler32=1' }, { code: 'ERR_SLUICE_MISMATCH' }],
    ['is refused when another trailer comes', { other: '1' }, { code: 'ERR_SLUICE_BODY' }],
    ['is refused when none comes', undefined, { code: 'ERR_SLUICE_BODY' }],
  ])('%s', async (_, trailers, expected) => {
    const path = join(folder, 'old');
    writeFileSync(path, 'old');
    const { session, outcome } = await settling(async (request, response) => {
      try {
        return await receive(request, path);
      } catch (error) {
        return error;
      } finally {
        response.end();
      }
    });
    const head = { ':method': 'PUT', trailer: 'digest' };
    const stream = session.request(head, { waitForTrailers: trailers !== undefined });
    stream.on('wantTrailers', () => stream.sendTrailers(trailers ?? {}));
    stream.end('hello');
    expect(await outcome).toMatchObject(expected);
    expect(readFileSync(path, 'utf8')).toBe('status' in expected ? 'hello' : 'old');
  });
});

describe('a file', () => {
  it.each([0, 1000, 3_000_000])('of %i bytes is not sent to a client that has left', async (size) => {
    const path = fileOf(folder, size);
    const { session, outcome } = await settling(async (request, response) => {
      await once(request, 'close');
      return send(response, path);
    });
    const stream = session.request();
    stream.on('error', () => {});
    await once(session, 'remoteSettings');
    await setTimeout(30);
    stream.destroy(new Error('reset'));
    expect(await outcome).toMatchObject({ code: 'ERR_SLUICE_DISCONNECTED' });
    expect(openDescriptors().filter((target) => target.startsWith(folder))).toEqual([]);
    rmSync(path);
  });
});

it('a file is not sent to a client that leaves while it is opened', async () => {
  const path = fileOf(folder, 1000);
  const { session, outcome } = await settling((request, response) => {
    const sent = send(response, path);
    (request as unknown as Http2ServerRequest).stream.session?.destroy();
    return sent;
  });
  session.request().on('error', () => {});
  expect(await outcome).toMatchObject({ code: 'ERR_SLUICE_DISCONNECTED' });
  rmSync(path);
});

describe('a refusal', () => {
  it.each([
    ['has announced how much', 2 ** 40, false],
    ['has not announced how much', undefined, false],
    ['has been read in part', undefined, true],
  ])('ends the stream of a client that goes on and on, whose body %s', async (_, length, read) => {
    const { session } = await connected(async (request, response) => {
      if (read) {
        await once(request.resume(), 'data');
        request.pause();
      }
      const connection = { connection: 'close', Connection: 'close' };
      const problem = problemOf(new SluiceError('ERR_SLUICE_PRECONDITION', 'No'));
      refuse(response, { ...problem, headers: { ...problem.headers, ...connection } });
    });
    const warnings: Error[] = [];
    const warned = (warning: Error) => warnings.push(warning);
    process.on('warning', warned);
    const stream = session.request({ ':method': 'PUT', ...(length && { 'content-length': length }) });
    let sent = 0;
    const more = (error?: Error | null) => {
      if (error) return;
      sent += 1 << 20;
      stream.write(Buffer.alloc(1 << 20), more);
    };
    more();
    let answer = '';
    stream.on('data', (chunk) => (answer += chunk));
    const [[headers]] = await Promise.all([once(stream, 'response'), once(stream, 'aborted')]);
    expect(headers).toMatchObject({ ':status': 412 });
    expect(answer).toMatch(/"code":"ERR_SLUICE_PRECONDITION"/);
    expect(stream.rstCode).toBe(constants.NGHTTP2_NO_ERROR);
    expect(sent).toBeGreaterThan(64 << 20);
    process.off('warning', warned);
    expect(warnings).toEqual([]);
  });
});
