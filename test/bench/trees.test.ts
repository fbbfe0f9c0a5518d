import { randomBytes } from 'node:crypto';
import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { treeContestants } from '../../bench/contestants/trees.js';
import { defaultThreads } from '../../lib/checksum/options.js';
import { fileOf, temporaryFolder } from '../helpers/files.js';
import { needs } from '../helpers/needs.js';
import { reference } from '../helpers/reference.js';

needs('rhash', 'xxhsum');

const rivals = ['rhash --crc32 -r', 'find | xargs cksum', 'find | xargs xxhsum'];
const verifies = [...new Set([1, defaultThreads])].map(
  (n) => `sluice verify, ${n} thread${n > 1 ? 's' : ''}`,
);

/** A name that a shell would cut up, and the sum of its files' crc32. */
function treeOf(files: number): { folder: string; first: string; sum: bigint } {
  const folder = join(temporaryFolder(), `a tree's "name"`);
  const inner = join(folder, 'in ner');
  mkdirSync(inner, { recursive: true });
  const contents = Array.from({ length: files }, () => randomBytes(4096));
  const [first = ''] = contents.map((content, i) => fileOf(i % 2 ? inner : folder, content));
  return { folder, first, sum: contents.reduce((sum, content) => sum + reference('crc32', content), 0n) };
}

it('all who go through a tree sum every file of it', async () => {
  const { folder, sum } = treeOf(6);
  const { contestants, missing } = await treeContestants({ folder, files: 6, bytes: 6 * 4096 }, undefined);
  expect(missing).toEqual([]);
  expect(contestants.map(({ name }) => name)).toEqual([...rivals, 'find | xargs sluice sum', ...verifies]);
  for (const { name, pass } of contestants) {
    const { bytes, value, took } = await pass();
    expect(bytes).toBe(6 * 4096);
    expect(value, name).toBe(/^rhash|sum$/.test(name) && !/cksum|xxhsum/.test(name) ? sum : undefined);
    expect(took?.wallNs).toBeGreaterThan(0);
  }
});

it('a verification that did not find all files ok is no measurement', async () => {
  const { folder, first } = treeOf(2);
  const { contestants } = await treeContestants({ folder, files: 2, bytes: 8192 }, undefined);
  appendFileSync(first, 'x');
  const verify = contestants.find(({ name }) => name === verifies[0]);
  await expect(verify?.pass()).rejects.toThrow('1 of the 2 files');
});

it('says which tool is not installed, and measures the others', async () => {
  const { folder } = treeOf(2);
  const path = process.env['PATH'];
  process.env['PATH'] = '/nowhere';
  try {
    const { contestants, missing } = await treeContestants({ folder, files: 2, bytes: 8192 }, undefined);
    expect(contestants.map(({ name }) => name)).toEqual(verifies);
    expect(missing).toContain('rhash --crc32 -r: rhash is not installed');
    expect(missing).toContain('find | xargs xxhsum: find and xargs and xxhsum are not installed');
  } finally {
    process.env['PATH'] = path;
  }
});
