/** Waiting for a folder that others have locked, on no thread: each try is a short one. */

import { setTimeout } from 'node:timers/promises';
import type { NativeStagingRefusal } from '../../native/index.js';

/**
 * How long others may keep a folder locked, in ms. What has a condition can not be done without the lock. What has none
 * goes on without: anyone who may read the folder can lock it, and must not hold up every upload by it.
 */
export const patience = { condition: 3000, none: 200 } as const;

/** Between two tries, in ms. A try takes a thread for two. */
const longestPause = 32;

/**
 * Tries until the folder is not locked, or the patience is at its end.
 *
 * @param start a try; is told whether it is the last one
 */
export async function patiently<T>(
  ms: number,
  start: (last: boolean, done: (result: T | NativeStagingRefusal) => void) => void,
): Promise<T | NativeStagingRefusal> {
  const end = performance.now() + ms;
  for (let pause = 1; ; pause = Math.min(2 * pause, longestPause)) {
    const last = performance.now() >= end;
    const result = await new Promise<T | NativeStagingRefusal>((resolve) => start(last, resolve));
    if (last || (result as Partial<NativeStagingRefusal> | undefined)?.failure !== 'busy') return result;
    await setTimeout(pause);
  }
}
