import { appendFileSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fileSystemOf } from '../../lib/measure/machine.js';
import { cachedShare, dropFromCache } from '../../lib/measure/page-cache.js';
import { fileOf, temporaryFolder } from '../helpers/files.js';

const size = 3_000_000;
const folder = temporaryFolder('/var/tmp');

describe('one file and the page cache', () => {
  // A page that the kernel is just moving or reclaiming is not for us to drop or to keep: then, once more.
  it('is dropped though it was dirty, and comes back when it is read', { retry: 5 }, () => {
    // A file system that lives in memory has nowhere to drop it to.
    expect(fileSystemOf(folder)).not.toBe('tmpfs');
    const [dropped, kept] = [fileOf(folder, size), fileOf(folder, size)];
    appendFileSync(dropped, 'x');
    expect(cachedShare(dropped, size + 1)).toBe(1);
    dropFromCache(dropped);
    expect(cachedShare(dropped, size + 1)).toBe(0);
    expect(cachedShare(kept, size)).toBe(1);
    readFileSync(dropped);
    expect(cachedShare(dropped, size + 1)).toBe(1);
  });

  it('has no share where it has no bytes', () => {
    expect(cachedShare(fileOf(folder, 0), 0)).toBe(1);
  });
});
