/** Files that differ from what was stored while another process has them mapped for writing. */

import { utimesSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { needs } from '../helpers/needs.js';
import { start } from '../helpers/program.js';
import { storedFile } from '../helpers/rot.js';
import { expectRefusal, folder, onread, size, standingOf } from './rotten.js';
import { ask, firstBytes, rawClient, serving, theRest } from './serving.js';

needs('python3');

const program = new URL('programs/mapping.py', import.meta.url);

/** Another process that has a file mapped for writing, and changes its byte 5 when it is told to. */
function mapping(path: string): { flip(): Promise<void>; end(): Promise<void> } {
  const { stdin, line, ended } = start(program, [path]);
  const flip = async () => {
    stdin.write('\n');
    await line();
    utimesSync(path, 1e9, 1e9); // a store into a page that is dirty already would move no time stamp
  };
  const end = async () => {
    stdin.end();
    await ended;
    utimesSync(path, 1e9, 1e9);
  };
  return { flip, end };
}

describe('a file that differs while somebody has it mapped for writing', () => {
  it('is not marked, and nothing of it is sent until it is what was stored', async () => {
    const path = await storedFile(folder, size);
    const writer = mapping(path);
    await writer.flip();
    const { port, over } = await serving(path, onread);
    await expect(ask(port)).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect((await ask(port, { Range: 'bytes=524288-' })).status).toBe(423);
    expect(await standingOf(path)).toEqual({});
    await writer.flip();
    await writer.end();
    expect((await ask(port, { Range: 'bytes=524288-' })).status).toBe(206);
    const busy = { code: 'ERR_SLUICE_WRITER', path };
    expect(await over(3)).toMatchObject([busy, busy, { status: 206 }]);
  });

  it('is sent to all who ask while it is judged, once it is what was stored', async () => {
    const path = await storedFile(folder, size);
    const writer = mapping(path);
    const { port } = await serving(path, onread);
    await writer.flip();
    await expect(ask(port)).rejects.toMatchObject({ code: 'ECONNRESET' });
    await writer.flip();
    await writer.end();
    const requests = [{}, { Range: 'bytes=524288-' }, { Range: 'bytes=0-9' }];
    const answers = await Promise.all([...requests, ...requests, ...requests].map((each) => ask(port, each)));
    expect(answers.map(({ status }) => status)).toEqual([200, 206, 206, 200, 206, 206, 200, 206, 206]);
  });

  it('breaks no answer off as rotten, though it had begun before, but as one of a file that changed', async () => {
    const large = 64 << 20; // more than the buffers of two sockets hold
    const path = await storedFile(folder, large);
    const { port, over } = await serving(path, onread);
    const socket = await rawClient(port, 'GET / HTTP/1.1\r\nHost: x\r\nRange: bytes=1-\r\n\r\n');
    await firstBytes(socket);
    const writer = mapping(path);
    await writer.flip();
    await expect(ask(port)).rejects.toMatchObject({ code: 'ECONNRESET' });
    await writer.flip();
    await writer.end();
    await theRest(socket);
    expect(await over(2)).toMatchObject([{ code: 'ERR_SLUICE_WRITER' }, { code: 'ERR_SLUICE_CHANGED' }]);
    expect((await ask(port, { Range: 'bytes=0-9' })).status).toBe(206);
  });

  it('is marked once the writer has gone, if it differs still', async () => {
    const path = await storedFile(folder, size);
    const writer = mapping(path);
    await writer.flip();
    const { port } = await serving(path, onread);
    await expect(ask(port)).rejects.toMatchObject({ code: 'ECONNRESET' });
    await writer.end();
    await expectRefusal(port, { Range: 'bytes=524288-' });
    expect(await standingOf(path)).toEqual({ rot: expect.any(Date) });
  });
});
