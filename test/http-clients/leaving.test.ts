/** Clients of the example server that leave, that never come to an end, and one of another age. */

import { readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { served } from './serve.js';

const server = served();

afterEach(() => expect(server.complaints()).toBe(''));

describe('a client', () => {
  const raw = (...lines: string[]) => {
    const socket = connect(server.port, '127.0.0.1');
    socket.write(`${lines.join('\r\n')}\r\n\r\n`);
    return socket;
  };

  it('of HTTP/1.0 is not told to go on', async () => {
    const fields = ['Content-Length: 3', 'Expect: 100-continue'];
    const answer = await text(raw('PUT /ten HTTP/1.0', ...fields, '', 'abc'));
    expect(answer).toMatch(/^HTTP\/1\.1 201 /);
  });

  it('whose XML never comes is let go', async () => {
    const answer = await text(raw('LOCK /never HTTP/1.1', 'Host: x', 'Content-Length: 1000'));
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
  });

  it('that leaves during a COPY has it abandoned', async () => {
    const path = join(server.root, 'huge');
    writeFileSync(path, '');
    truncateSync(path, 2 ** 34);
    const copying = () => readdirSync(server.root).filter((name) => name.startsWith('.sluice-aside-'));
    const client = raw(
      'COPY /huge HTTP/1.1',
      `Host: 127.0.0.1:${server.port}`,
      `Destination: ${server.url}/left`,
    );
    await expect.poll(copying).toHaveLength(1);
    client.destroy();
    await expect.poll(copying).toEqual([]);
    expect(readdirSync(server.root)).not.toContain('left');
    rmSync(path);
  });
});
