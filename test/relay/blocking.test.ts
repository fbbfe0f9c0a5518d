import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { relay } from '../../lib/relay/index.js';
import { fileOf, temporaryFolder } from '../helpers/files.js';

const folder = temporaryFolder();

function blocks(fd: number): boolean {
  const flags = /^flags:\s*(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))?.[1] ?? '';
  return (Number.parseInt(flags, 8) & constants.O_NONBLOCK) === 0;
}

it('a stream that blocks does so again after the last of the relays that had it', async () => {
  const path = join(folder, 'fifo');
  execFileSync('mkfifo', [path]);
  const fifo = openSync(path, 'r+'); // both directions of one description, as a socket has
  const from = openSync(fileOf(folder, 1_000_000), 'r');
  const [first, rest] = [fileOf(folder, 0), fileOf(folder, 0)];
  const sinks = [openSync(first, 'r+'), openSync(rest, 'r+')] as const;
  const out = relay(fifo, sinks[0], { range: { end: 100_000 } });
  await expect.poll(() => blocks(fifo)).toBe(false);
  const into = relay(from, fifo);
  expect((await out).bytes).toBe(100_000);
  // The FIFO is full, and the relay into it waits.
  expect(blocks(fifo)).toBe(false);
  expect((await relay(fifo, sinks[1], { range: { end: 900_000 } })).bytes).toBe(900_000);
  expect((await into).bytes).toBe(1_000_000);
  expect(blocks(fifo)).toBe(true);
  expect(statSync(rest).size).toBe(900_000);
  for (const fd of [fifo, from, ...sinks]) closeSync(fd);
});
