/** Which files may have changed while nobody observed them. */

import type { BigIntStats } from 'node:fs';
import type { AlgorithmName } from '../engine/algorithms.js';
import { SluiceError } from '../errors/errors.js';
import { formats, type Profile } from '../files/xattr/profiles/table.js';
import { attributesOf, readChecksums } from '../files/xattr/read.js';
import type { NativeObserver } from '../native/index.js';
import type { CheckedObserveOptions } from './options.js';
import { answered } from './refusal.js';

/** A file that a walk has come to. */
export interface Walked {
  path: string;
  fd: number;
  stats: BigIntStats;
  /** When the folders on the way to it changed last, the tree's own first: in nanoseconds since 1970. */
  folders: readonly bigint[];
}

export type Selects = (file: Walked) => boolean | Promise<boolean>;

/** Whether a file does not keep, in each of the profiles, values of what it is now. */
export async function lacksValue(
  { fd, stats }: Walked,
  profiles: readonly Profile[],
  algorithms: readonly AlgorithmName[],
): Promise<boolean> {
  try {
    const kept = await readChecksums(fd, { profiles, algorithms });
    // To write to a file sets both time stamps; to set an attribute the later one alone.
    const wasSetLast = stats.ctimeNs > stats.mtimeNs;
    return !profiles.every((profile) =>
      [...attributesOf(profile, algorithms).values()].flat().every((algorithm) =>
        kept.some((each) => {
          if (each.profile !== profile || !('algorithm' in each) || each.algorithm !== algorithm)
            return false;
          if (each.state === 'fresh' && !formats[profile].wholeSeconds) return true;
          return each.state !== 'stale' && wasSetLast;
        }),
      ),
    );
  } catch (error) {
    if (error instanceof SluiceError) return true;
    throw error;
  }
}

/** A folder that was moved has changed, and so has the one that it is in now; what lies in it has not. */
function wasMoved(folders: readonly bigint[], sinceNs: bigint): boolean {
  return folders.some((ctimeNs, n) => n > 0 && ctimeNs >= sinceNs && (folders[n - 1] as bigint) >= sinceNs);
}

/**
 * Selects what may have happened unseen from some time on, in nanoseconds since 1970. A writer who had a file open then, and
 * closed it unseen, has left no trace but that it lacks a value.
 *
 * @param begunNs from then on files got their values
 */
export function missedSince(
  sinceNs: bigint,
  begunNs: bigint,
  { profiles, algorithms }: CheckedObserveOptions,
): Selects {
  return (file) => {
    const { ctimeNs } = file.stats;
    if (ctimeNs >= sinceNs) return true;
    const isNew = wasMoved(file.folders, sinceNs);
    if (profiles.length === 0) return isNew;
    return (isNew || ctimeNs >= begunNs) && lacksValue(file, profiles, algorithms);
  };
}

/**
 * Selects what an observer before, that kept a journal, may not have seen or not have done with; undefined where there was
 * none.
 */
export function missedBy(observer: NativeObserver, options: CheckedObserveOptions): Selects | undefined {
  const { begunNs, sinceNs } = observer;
  if (begunNs === undefined || sinceNs === undefined) return undefined;
  const missed = missedSince(sinceNs, begunNs, options);
  return (file) => answered(observer.wasPending(file.fd), file.path) || missed(file);
}
