/** What can be said about a file's digests when it is sent. */

import type { BigIntStats } from 'node:fs';
import { type AlgorithmName, algorithms } from '../../engine/algorithms.js';
import { Checksums } from '../../engine/checksums.js';
import { SluiceError } from '../../errors/errors.js';
import { hasOneMeaning } from '../../files/xattr/compare.js';
import { outdated } from '../../files/xattr/outdated.js';
import type { Profile } from '../../files/xattr/profiles/table.js';
import { readKept } from '../../files/xattr/read.js';
import type { Standing } from '../../files/xattr/rot.js';
import type { DigestAlgorithm, DigestValues } from '../fields/algorithms.js';

/**
 * The values stored for just this version of a file, of several profiles the first that has one, and whether it was found
 * rotten.
 */
export async function storedDigests(
  fd: number,
  version: BigIntStats,
  profiles: readonly Profile[],
): Promise<{ known: Checksums; standing: Standing }> {
  try {
    // `sluice`, whose record is read for the mark in any case, tells of another's whether it is outdated.
    const read = [...new Set<Profile>([...profiles, 'sluice'])];
    const { checksums, standing } = await readKept(fd, version, { profiles: read, algorithms });
    const known = new Map<AlgorithmName, bigint>();
    for (const each of checksums) {
      if (each.state !== 'fresh' || !profiles.includes(each.profile) || outdated(each, checksums)) continue;
      if (!hasOneMeaning(each)) continue;
      if (!known.has(each.algorithm)) known.set(each.algorithm, each.value);
    }
    return { known: new Checksums(known), standing };
  } catch (error) {
    const none = error instanceof SluiceError && error.code === 'ERR_SLUICE_NO_ATTRIBUTES';
    if (!none) throw error;
  }
  return { known: new Checksums([]), standing: {} };
}

/** What must be computed so that every wish can be met: of each the most wanted digest, where none of those wanted is known. */
export function missingDigests(
  wishes: readonly (readonly DigestAlgorithm[])[],
  known: DigestValues,
): DigestAlgorithm[] {
  const unmet = wishes.filter((wish) => wish.every((name) => known[name] === undefined));
  return [...new Set(unmet.flatMap((wish) => wish.slice(0, 1)))];
}
