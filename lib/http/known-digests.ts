/** What can be said about a file's digests when it is sent. */

import type { AlgorithmName } from '../engine/algorithms.js';
import { SluiceError } from '../errors.js';
import type { Profile } from '../xattr/profiles/table.js';
import { readChecksums } from '../xattr/read.js';
import type { DigestAlgorithm, DigestValues } from './fields/algorithms.js';

export type KnownDigests = Partial<Record<AlgorithmName, bigint>>;

/** The values stored for just this version of a file; of several profiles the first that has one counts. */
export async function storedDigests(fd: number, profiles: readonly Profile[]): Promise<KnownDigests> {
  const known: KnownDigests = {};
  try {
    const stored = await readChecksums(fd, { profiles });
    for (const each of stored) if (each.state === 'fresh') known[each.algorithm] ??= each.value;
  } catch (error) {
    const none = error instanceof SluiceError && error.code === 'ERR_SLUICE_NO_ATTRIBUTES';
    if (!none) throw error;
  }
  return known;
}

/** What must be computed so that every wish can be met: of each the most wanted digest, where none of those wanted is known. */
export function missingDigests(
  wishes: readonly (readonly DigestAlgorithm[])[],
  known: DigestValues,
): DigestAlgorithm[] {
  const unmet = wishes.filter((wish) => wish.every((name) => known[name] === undefined));
  return [...new Set(unmet.flatMap((wish) => wish.slice(0, 1)))];
}
