import { execFileSync } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { SluiceError } from '../../../lib/errors/errors.js';
import { send } from '../../../lib/http/index.js';
import { fileOf, temporaryFolder } from '../../helpers/files.js';
import { listening } from '../../helpers/http.js';
import { descriptorsOf, firstBytes, oldFile, rawClient, serving, theRest } from '../serving.js';

const folder = temporaryFolder();

describe('a client that leaves', () => {
  const big = () => {
    const path = fileOf(folder, 1);
    execFileSync('truncate', ['-s', '1G', path]);
    return path;
  };

  it('in the middle has its file closed', async () => {
    const { port, over } = await serving(big());
    const socket = await rawClient(port, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await firstBytes(socket);
    socket.destroy();
    const [outcome] = await over(1);
    expect(outcome).toMatchObject({ code: 'ERR_SLUICE_DISCONNECTED' });
    expect((outcome as SluiceError).bytes).toBeLessThan(2 ** 30);
    expect(descriptorsOf(folder)).toBe(0);
  });

  it('ends the requests that wait after it on the same connection', async () => {
    const { port, responses, over } = await serving(big());
    const socket = await rawClient(port, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(20));
    await firstBytes(socket);
    await expect.poll(() => responses.length).toBe(20);
    socket.destroy();
    const outcomes = await over(20);
    for (const outcome of outcomes) expect(outcome).toMatchObject({ code: 'ERR_SLUICE_DISCONNECTED' });
    expect(descriptorsOf(folder)).toBe(0);
  });
});

describe('requests that come at once on one connection', () => {
  it('are answered in order, one file after the other', async () => {
    const { path, content } = oldFile(folder, 10_000);
    const count = 500;
    const gate = new EventEmitter().setMaxListeners(0);
    let [there, most] = [0, 0];
    const port = await listening(async (_, response) => {
      if (++there === count) gate.emit('all there');
      else await once(gate, 'all there');
      await send(response, path);
      most = Math.max(most, descriptorsOf(folder));
    });
    const asked = Array.from(
      { length: count },
      (_, i) => `GET / HTTP/1.1\r\nHost: x\r\nRange: bytes=${i}-${2 * i}`,
    );
    const socket = await rawClient(port, `${asked.join('\r\n\r\n')}\r\nConnection: close\r\n\r\n`);
    let rest = await theRest(socket);
    for (let i = 0; i < count; i++) {
      const body = rest.indexOf('\r\n\r\n') + 4;
      expect(rest.toString('latin1', 0, body)).toContain(`Content-Range: bytes ${i}-${2 * i}/10000\r\n`);
      expect(rest.subarray(body, body + i + 1).equals(content.subarray(i, 2 * i + 1))).toBe(true);
      rest = rest.subarray(body + i + 1);
    }
    expect(rest.length).toBe(0);
    // One file is sent; the one before may be closing still, in another thread.
    expect(most).toBeLessThanOrEqual(2);
    await expect.poll(() => descriptorsOf(folder)).toBe(0);
  });

  it('end it if more than a thousand wait', async () => {
    const { path } = oldFile(folder, 10);
    const errors: unknown[] = [];
    let there = 0;
    const port = await listening(async (_, response) => {
      there++;
      // Nobody answers the first.
      if (response.socket === null) await send(response, path).catch((error) => errors.push(error));
    });
    const get = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';
    const socket = await rawClient(port, get.repeat(1001));
    const closed = theRest(socket);
    await expect.poll(() => there).toBe(1001);
    expect(errors).toEqual([]);
    socket.write(get);
    expect((await closed).length).toBe(0);
    await expect.poll(() => errors.length).toBe(1001);
    for (const error of errors) expect(error).toMatchObject({ code: 'ERR_SLUICE_DISCONNECTED', path });
  });
});
