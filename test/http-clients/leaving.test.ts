/** Clients of the example server that leave, that never come to an end, and one of another age. */

import { readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { needs } from '../helpers/needs.js';
import { type Served, served, servedWithFaults } from './serve.js';

needs('strace');

const server = served();

afterEach(() => expect(server.complaints()).toBe(''));

function raw({ port }: Served, ...lines: string[]): Socket {
  const socket = connect(port, '127.0.0.1');
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  return socket;
}

/** Nothing, for a descriptor that was closed since it was listed. */
function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

describe('a client', () => {
  it('of HTTP/1.0 is not told to go on', async () => {
    const fields = ['Content-Length: 3', 'Expect: 100-continue'];
    const answer = await text(raw(server, 'PUT /ten HTTP/1.0', ...fields, '', 'abc'));
    expect(answer).toMatch(/^HTTP\/1\.1 201 /);
  });

  it('whose XML never comes is let go', async () => {
    const answer = await text(raw(server, 'LOCK /never HTTP/1.1', 'Host: x', 'Content-Length: 1000'));
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
  });
});

describe('a client that leaves during a COPY', () => {
  // Of a file of 100 MB, a copy takes more than ten seconds.
  const slow = servedWithFaults('splice:delay_enter=100000');

  it('has it abandoned', async () => {
    writeFileSync(join(slow.root, 'huge'), Buffer.alloc(100_000_000, 'x'));
    // The copy has no name before it is whole.
    const copies = () =>
      readdirSync(`/proc/${slow.process.pid}/fd`)
        .map((fd) => linkOf(`/proc/${slow.process.pid}/fd/${fd}`))
        .filter((name) => name.startsWith(`${slow.root}/#`));
    const client = raw(
      slow,
      'COPY /huge HTTP/1.1',
      `Host: 127.0.0.1:${slow.port}`,
      `Destination: ${slow.url}/left`,
    );
    await expect.poll(copies).not.toEqual([]);
    client.destroy();
    await expect.poll(copies).toEqual([]);
    expect(readdirSync(slow.root)).toEqual(['huge']);
  });
});
