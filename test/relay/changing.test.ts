import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { algorithms, createChecksum } from '../../lib/index.js';
import { relay } from '../../lib/relay/index.js';
import { engines } from '../helpers/engines.js';
import { fileOf, temporaryFolder } from '../helpers/files.js';
import { needs } from '../helpers/needs.js';
import { start } from '../helpers/program.js';

needs('python3');

const folder = temporaryFolder();
const size = 8 * 2 ** 20;
let names = 0;
const program = new URL('programs/rewriting.py', import.meta.url);

/** A connection to a sender that writes to its pages again and again while they are under way; ends with the test. */
async function sender(how: 'sendfile' | 'vmsplice', family: 'tcp' | 'unix'): Promise<Socket> {
  const server = createServer({ pauseOnConnect: true });
  const path = join(folder, `socket-${names++}`);
  if (family === 'tcp') server.listen(0, '127.0.0.1');
  else server.listen(path);
  await once(server, 'listening');
  const address = family === 'tcp' ? String((server.address() as AddressInfo).port) : path;
  const file = fileOf(folder, randomBytes(size));
  const { ended, complaints } = start(program, [how, family, address, file, String(size)]);
  const failed = ended.then(([code]) => {
    throw new Error(`the sender ended with ${code}: ${complaints()}`);
  });
  const [socket] = (await Promise.race([once(server, 'connection'), failed])) as [Socket];
  failed.catch(() => {});
  server.close();
  return socket;
}

describe.each(engines)('a relay from a sender that rewrites what it has sent, %s measuring', (engine) => {
  it.each([
    ['sendfile', 'tcp'],
    ['sendfile', 'unix'],
    ['vmsplice', 'tcp'],
    ['vmsplice', 'unix'],
  ] as const)('with %s over %s has the value of the stored bytes', async (how, family) => {
    // Until what was sent has really changed under way: pages of several moments are stored.
    let moments = 0;
    for (let attempt = 0; attempt < 20 && moments < 3; attempt++) {
      const source = await sender(how, family);
      const path = fileOf(folder, 0);
      const sink = openSync(path, 'r+');
      const result = await relay(source, sink, { engine, algorithms, range: { end: size } });
      const stored = readFileSync(path);
      for (const name of algorithms) {
        expect(result.checksums[name]?.value).toBe(createChecksum(name).update(stored).digest());
      }
      const pages = Array.from({ length: size / 4096 }, (_, page) => stored[page * 4096]);
      moments = new Set(pages).size;
      closeSync(sink);
      source.destroy();
    }
    expect(moments).toBeGreaterThan(2);
  });
});
