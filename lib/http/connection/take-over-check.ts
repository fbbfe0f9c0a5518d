/** Tries the take-over on this Node before a client's body depends on it. */

import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { constants } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { createChecksum } from '../../checksum/create-checksum.js';
import { RunningChecksums } from '../../checksum/running-checksums.js';
import { open } from '../../files/open-file.js';
import { relay } from '../../relay/index.js';
import { obstacle, TakenBody } from './take-over.js';

/** More than Node reads in one go, so that a part is left in the socket. */
const length = 256 * 1024;

async function sumOf(request: IncomingMessage): Promise<string> {
  const reason = obstacle(request);
  if (reason !== undefined) return reason;
  await new Promise(setImmediate);
  const taken = new TakenBody(request);
  const head = new RunningChecksums(['adler32']);
  for (const chunk of taken.head) head.update(chunk);
  await using sink = await open('/dev/null', constants.O_WRONLY);
  const { checksums } = await relay(taken.fd, sink.fd, { range: { end: taken.left } });
  taken.giveBack(taken.left);
  return String(head.checksums.append(checksums, taken.left).get('adler32'));
}

/** One connection, a body that is taken over, and requests pipelined behind it. What comes back tells whether it works. */
async function tryIt(): Promise<void> {
  const body = randomBytes(length);
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    if (request.method === 'PUT') {
      sumOf(request).then(
        (text) => response.end(text),
        (error: Error) => response.destroy(error),
      );
    } else response.end(`${request.url} is next`);
  });
  // An abstract socket: it needs no network, and no file is left.
  server.listen(`\0sluice-${randomBytes(8).toString('hex')}`);
  await once(server, 'listening');
  const client = connect(server.address() as string);
  try {
    const put = `PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n\r\n`;
    const next = 'GET /it HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';
    client.setTimeout(5000, () => client.destroy(new Error('it hangs')));
    client.write(put);
    client.write(body);
    client.write(next);
    let answer = '';
    for await (const chunk of client.setEncoding('latin1')) answer += chunk;
    const sum = createChecksum('adler32').update(body).digest();
    if (!answer.includes(`\r\n\r\n${sum}HTTP/1.1 200`) || !answer.endsWith('/it is next'))
      throw new Error(`it answered ${JSON.stringify(answer.slice(0, 200))}`);
  } finally {
    client.destroy();
    server.close();
    server.closeAllConnections();
  }
}

/** After a failure, which may have been a lack of descriptors or of time. In ms. */
const tryAgain = 60_000;

let outcome: Promise<string | undefined> | undefined;

/** Why no body can be taken over for now, or undefined; tried until it works, with a warning whenever it does not. */
export function takeOverFails(): Promise<string | undefined> {
  outcome ??= tryIt().then(
    () => undefined,
    (error: Error) => {
      setTimeout(() => {
        outcome = undefined;
      }, tryAgain).unref();
      const why = error.message.replace('\0', '@'); // as an abstract socket's name is written
      const reason = `the take-over of a socket does not work with Node ${process.version}: ${why}`;
      process.emitWarning(`${reason}. Uploads go through Node's streams.`, { code: 'SLUICE_NO_TAKE_OVER' });
      return reason;
    },
  );
  return outcome;
}
