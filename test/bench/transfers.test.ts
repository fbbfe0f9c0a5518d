import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type Move, Transfers } from '../../bench/contestants/transfers.js';
import { fileSystemOf } from '../../lib/measure/machine.js';
import { programPath } from '../../lib/measure/programs.js';
import { backends } from '../helpers/engines.js';
import { fileOf, temporaryFolder } from '../helpers/files.js';
import { reference } from '../helpers/reference.js';

const folder = temporaryFolder();
const content = randomBytes(5_000_001);
const file = fileOf(folder, content);
const sink = join(folder, 'sink');
const relays = backends.map((backend) => `relay, ${backend === 'bpf' ? 'kernel' : 'user space'}`);

/** Every form of every row, each having moved the whole file, and summed it if that is its part. */
async function namesOf(move: Pick<Move, 'movement' | 'wake'>): Promise<string[]> {
  const transfers = new Transfers(programPath('transfer') as string);
  const entries = transfers.contestants({ ...move, file, sink }, backends);
  for (const { name, parameters, prepare, pass } of entries.flat()) {
    await prepare?.();
    expect(existsSync(sink)).toBe(false);
    const { bytes, value, took } = await pass();
    expect(bytes, name).toBe(content.length);
    expect(value, name).toBe(parameters.backend === 'none' ? undefined : reference('adler32', content));
    expect(took?.wallNs).toBeGreaterThan(0);
    // The relay's file has no name, and is gone.
    const stores = move.movement !== 'get' && !name.startsWith('relay');
    if (stores) expect(readFileSync(sink).equals(content), name).toBe(true);
  }
  return entries.map((entry) => [entry].flat()[0]?.name ?? '').sort();
}

it.each(['put', 'copy'] as const)('%s is measured with and without blocks set aside', async (movement) => {
  const classic = 'read + libdeflate + write';
  const ways = [classic, 'splice + pread + libdeflate', 'splice'];
  const onExt4 = [classic, ...ways.map((name) => `${name}, blocks set aside`)];
  const theirs = fileSystemOf(folder) === 'ext4' ? onExt4 : ways;
  expect(await namesOf({ movement })).toEqual([...theirs, ...relays].sort());
});

it.each([undefined, 1 << 20])(
  'get is measured with blocking and non-blocking sendfile, waking up for %s',
  async (wake) => {
    const theirs = ['sendfile', 'sendfile, not blocking', 'read + libdeflate + write'];
    expect(await namesOf({ movement: 'get', ...(wake && { wake }) })).toEqual([...theirs, ...relays].sort());
  },
);
