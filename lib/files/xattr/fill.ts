import type { BigIntStats } from 'node:fs';
import type { FileLike } from '../../checksum/file-like.js';
import { checkAlgorithms, flag } from '../../checksum/options.js';
import { type AlgorithmName, algorithms as allAlgorithms } from '../../engine/algorithms.js';
import type { Checksums } from '../../engine/checksums.js';
import { corrupt, differenceOf, expectedOf, foundCorrupt } from './compare.js';
import { withDescriptor } from './open.js';
import { checkProfiles, checkSelection } from './options.js';
import { profiles as allProfiles, type Profile } from './profiles/table.js';
import { readKept, type StoredChecksum } from './read.js';
import { clearMark, markRotten } from './rot.js';
import { checkPlaces, storeChecksums } from './store.js';
import { checkWay, type Summing, type SumWay, sumVersion } from './sum.js';
import { settledStamps, stampsOf } from './version.js';

export interface FillOptions extends SumWay {
  /** Where the values are kept. Default: `sluice`, and what keeps stale values. */
  profiles?: readonly Profile[];
  /** What is computed. Default: `adler32`, and what these profiles keep stale values of. */
  algorithms?: readonly AlgorithmName[];
  /**
   * Takes the file as it is even where a value that was stored for just this version of it differs, and replaces all values
   * that differ, whatever their profile. Default: false, and there is ERR_SLUICE_CORRUPT.
   */
  replaceRot?: boolean;
}

/** Replaces what differs from the values computed, so that nothing is left by which the file would be found rotten. */
async function replaceDiffering(
  fd: number,
  stored: readonly StoredChecksum[],
  sums: Checksums,
  version: BigIntStats,
): Promise<void> {
  for (const { profile, algorithm, value } of stored) {
    if (sums.get(algorithm) !== value)
      await storeChecksums(fd, sums.only([algorithm]), { profiles: [profile], version });
  }
}

/**
 * Sums a file and keeps the values with it. What is stored for this version of it already is compared in the same
 * pass: a new value beside it must not certify rot.
 *
 * @returns what is kept now, and how it was summed
 * @throws SluiceError ERR_SLUICE_CORRUPT if a stored value differs, or the file was found rotten before; else as `checksum` and
 * `storeChecksums` do; nothing is stored then
 */
export async function fillChecksums(file: FileLike, options: FillOptions = {}): Promise<Summing> {
  checkWay(options, ['profiles', 'algorithms', 'replaceRot']);
  return withDescriptor(file, (fd) => fill(fd, options));
}

async function fill(fd: number, options: FillOptions): Promise<Summing> {
  const { profiles, algorithms, replaceRot = false, ...way } = options;
  flag('replaceRot', replaceRot);
  const selection = checkSelection({
    ...(profiles !== undefined && { profiles }),
    ...(algorithms !== undefined && { algorithms }),
  });
  const { checksums: kept } = await readKept(fd, await stampsOf(fd), selection);
  const stale = kept.filter((each): each is StoredChecksum => each.state === 'stale');
  const chosen = checkProfiles(profiles ?? ['sluice', ...stale.map(({ profile }) => profile)]);
  const summed = checkAlgorithms(algorithms ?? ['adler32', ...stale.map(({ algorithm }) => algorithm)]);
  checkPlaces(chosen, summed);
  const version = await settledStamps(fd, chosen);
  const expected = await expectedOf(fd, version);
  const { rot } = expected.standing;
  if (rot && !replaceRot && expected.values.keys().length === 0) throw foundCorrupt('The file');

  const comparable = replaceRot ? await comparableOf(fd, version) : expected.stored;
  const needed = new Set([...summed, ...comparable.map(({ algorithm }) => algorithm)]);
  const { checksums: sums, guarded, ...summing } = await sumVersion(fd, version, [...needed], way);
  const difference = differenceOf(expected.values, sums);
  if (difference && !replaceRot) {
    throw corrupt('the file', difference, guarded ? await markRotten(fd, version) : undefined);
  }
  if (replaceRot) await replaceDiffering(fd, comparable, sums, version);
  const checksums = sums.only(summed);
  await storeChecksums(fd, checksums, { profiles: chosen, version });
  if (rot || (difference && replaceRot)) {
    const failure = await clearMark(fd, version);
    if (failure) throw failure;
  }
  return { checksums, ...summing };
}

/** What is stored and is not stale. */
async function comparableOf(fd: number, version: BigIntStats): Promise<StoredChecksum[]> {
  const { checksums } = await readKept(fd, version, { profiles: allProfiles, algorithms: allAlgorithms });
  return checksums.filter(
    (each): each is StoredChecksum => each.state === 'fresh' || each.state === 'undated',
  );
}
