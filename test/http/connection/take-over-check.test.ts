import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { takeOverFails } from '../../../lib/http/connection/take-over-check.js';

const prlimit = (...args: string[]) =>
  execFileSync('prlimit', [`--pid=${process.pid}`, ...args], { encoding: 'utf8' }).trim();
const limit = prlimit('--nofile', '--output=SOFT', '--noheadings');
const taken: number[] = [];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  prlimit('--nofile=256:');
  try {
    for (;;) taken.push(openSync('/dev/null', 'r'));
  } catch (error) {
    expect(error).toMatchObject({ code: 'EMFILE' });
  }
});
afterEach(() => {
  giveBack();
  prlimit(`--nofile=${limit}:`);
  vi.useRealTimers();
});

function giveBack(): void {
  for (const fd of taken.splice(0)) closeSync(fd);
}

it('a take-over that could not be tried for want of descriptors is tried again after a minute', async () => {
  const warned = once(process, 'warning');
  const reason = await takeOverFails();
  expect(reason).toMatch(/EMFILE.* @sluice-/);
  expect(await warned).toMatchObject([
    { code: 'SLUICE_NO_TAKE_OVER', message: `${reason}. Uploads go through Node's streams.` },
  ]);
  giveBack();
  vi.advanceTimersByTime(59_999);
  expect(await takeOverFails()).toBe(reason);
  vi.advanceTimersByTime(1);
  expect(await takeOverFails()).toBeUndefined();
});
