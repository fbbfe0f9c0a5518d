import { truncateSync } from 'node:fs';
import { expect, onTestFinished } from 'vitest';
import { maxThreads } from '../../lib/engine/threads.js';
import { checksum } from '../../lib/index.js';
import { fileOf } from './files.js';

/** A sparse file so long that a sum of it is under way for as long as a test wants. */
export function endlessFile(folder: string): string {
  const path = fileOf(folder, 0);
  truncateSync(path, 2 ** 40);
  return path;
}

/**
 * Starts as many sums without end as there can be threads for sums: whatever sum is asked for next finds none free.
 * Returns what abandons them, and sees that none had ended.
 */
export function endlessSums(folder: string): () => Promise<void> {
  const path = endlessFile(folder);
  const controller = new AbortController();
  onTestFinished(() => controller.abort());
  const sums = Array.from({ length: maxThreads }, () =>
    checksum(path, { engine: 'userspace', cache: 'bypass', signal: controller.signal }),
  );
  const ends = Promise.allSettled(sums);
  return async () => {
    controller.abort();
    const aborted = { status: 'rejected', reason: { code: 'ERR_SLUICE_ABORTED' } };
    expect(await ends).toMatchObject(sums.map(() => aborted));
  };
}
