import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { checksum } from '../../lib/index.js';
import { engines } from '../helpers/engines.js';
import { fileOf, temporaryFolder } from '../helpers/files.js';

const folder = temporaryFolder();

/** Pages of the file in the page cache, as util-linux' fincore counts them. */
function residentPages(path: string): number {
  return Number(execFileSync('fincore', ['--noheadings', '--output', 'PAGES', path], { encoding: 'utf8' }));
}

function drop(path: string): void {
  execFileSync('dd', [`of=${path}`, 'oflag=nocache', 'conv=notrunc,fdatasync', 'count=0'], { stdio: 'pipe' });
}

describe.each(engines)('the page cache, in %s', (engine) => {
  // The kernel moves and reclaims clean pages whenever it likes (compaction, other tests' files): an attempt in which it
  // did so says nothing of the bypass. One that fills or empties the cache does so every time.
  it('stays empty or full through a sum that bypasses it', { retry: 5 }, async () => {
    const path = fileOf(folder, 5_000_001);
    drop(path);
    expect(residentPages(path)).toBe(0);
    const cold = await checksum(path, { engine, cache: 'bypass' });
    expect(cold.cache).toBe('bypassed');
    expect(residentPages(path)).toBe(0);

    const warm = await checksum(path, { engine });
    expect(warm.cache).toBe('used');
    expect(residentPages(path)).toBe(Math.ceil(5_000_001 / 4096));
    const again = await checksum(path, { engine, cache: 'bypass', threads: 2 });
    expect(residentPages(path)).toBe(Math.ceil(5_000_001 / 4096));
    expect([warm.value, again.value]).toEqual([cold.value, cold.value]);
  });
});
