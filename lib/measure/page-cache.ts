/** Cold and warm: what the page cache holds of one file. */

import { closeSync, openSync } from 'node:fs';
import { type NativeRefusal, native } from '../native/index.js';
import { fromErrno } from '../system/from-errno.js';
import { systemErrorName } from '../system/system-error.js';

function isRefusal(answer: unknown): answer is NativeRefusal {
  return typeof answer === 'object';
}

function withFile<Answer>(path: string, ask: (fd: number) => Answer | NativeRefusal, what: string): Answer {
  const fd = openSync(path, 'r');
  try {
    const answer = ask(fd);
    if (isRefusal(answer)) {
      const { errno } = answer;
      throw fromErrno(errno, `${what} ${path} failed (${systemErrorName(errno)})`, { path });
    }
    return answer;
  } finally {
    closeSync(fd);
  }
}

/** Takes this file, and no other, out of the page cache. What is dirty is written back first. */
export function dropFromCache(path: string): void {
  withFile(path, native.dropFromPageCache, 'Dropping the cached pages of');
}

/** The share of the file that the page cache holds, 0 to 1; only its owner gets a true answer. */
export function cachedShare(path: string, size: number): number {
  return size === 0 ? 1 : withFile(path, native.residentBytes, 'Counting the cached pages of') / size;
}
