import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { createChecksum } from '../../lib/index.js';
import { relay } from '../../lib/relay/index.js';
import { engines } from '../helpers/engines.js';
import { fileOf, temporaryFolder } from '../helpers/files.js';
import { needs } from '../helpers/needs.js';
import { start } from '../helpers/program.js';
import { sinkOf } from './ends.js';

needs('python3');

const folder = temporaryFolder();

/** A connection with two urgent bytes and so many words after each, of which everything has come, the end too. */
async function sent(after: number): Promise<Socket> {
  const server = createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const { rest } = start(new URL('programs/urgent.py', import.meta.url), [String(port), String(after)]);
  const [[socket]] = await Promise.all([once(server, 'connection'), rest()]);
  server.close();
  return socket as Socket;
}

/** What read(2) gives: everything but a byte that is urgent still. */
function withoutUrgent(after: number): RegExp {
  return new RegExp(`^(before){1000}!?(after){${after}}(after){${after}}$`);
}

describe.each(engines)('urgent bytes of TCP, %s measuring', (engine) => {
  describe.each([0, 1, 5000])('with 5 x %d bytes after each', (after) => {
    it('end no relay into a file', async () => {
      const source = await sent(after);
      const path = fileOf(folder, 0);
      const sink = openSync(path, 'r+');
      const { bytes, checksums } = await relay(source, sink, { engine, idleTimeout: 5000 });
      const content = readFileSync(path);
      expect(content.toString()).toMatch(withoutUrgent(after));
      expect(bytes).toBe(content.length);
      expect(checksums.adler32?.value).toBe(createChecksum('adler32').update(content).digest());
      closeSync(sink);
      source.destroy();
    });

    it('end no relay into a socket', async () => {
      const source = await sent(after);
      const { end, theirs, close } = await sinkOf(folder, 'unix');
      const received = buffer(theirs);
      const { bytes, checksums } = await relay(source, end, { engine, idleTimeout: 5000 });
      close();
      const content = await received;
      expect(content.toString()).toMatch(withoutUrgent(after));
      expect(bytes).toBe(content.length);
      expect(checksums.adler32?.value).toBe(createChecksum('adler32').update(content).digest());
      source.destroy();
    });
  });
});
