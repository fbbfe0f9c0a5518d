/** Worker threads that are terminated in the middle of jobs: nothing of theirs stays open, and no name of theirs stays. */

import { expect, it } from 'vitest';
import { mounted } from '../files/staging/mounts.js';
import { engines } from '../helpers/engines.js';
import { temporaryFolder } from '../helpers/files.js';
import { needs } from '../helpers/needs.js';
import { start } from '../helpers/program.js';

needs('bindfs');

const folder = temporaryFolder();
/** Has no O_TMPFILE, so that staged files have names. */
const named = mounted(folder, 'bindfs');
const program = new URL('programs/terminated.mjs', import.meta.url);

async function leftBy(kind: string, base: string, rounds = 20): Promise<unknown> {
  return JSON.parse(await start(program, [base, String(rounds), kind]).rest())[kind];
}

it.each([
  'checksum',
  'largeChecksum',
  'relay',
  'waitingRelay',
  'copy',
  'stage',
  'replace',
  'keep',
  'receive',
  'send',
  'attributes',
  'verify',
  'observe',
])('%s leaves no descriptor', { timeout: 120_000 }, async (kind) => {
  expect(await leftBy(kind, folder)).toEqual([]);
});

it.each(['stage', 'keep', 'copy'])('%s leaves no temporary name', { timeout: 120_000 }, async (kind) => {
  expect(await leftBy(kind, named)).toEqual([]);
});

it.runIf(engines.includes('kernel')).each(['libbpf', 'iterator'])(
  '%s leaves no descriptor',
  { timeout: 120_000 },
  async (kind) => {
    expect(await leftBy(kind, folder)).toEqual([]);
  },
);
