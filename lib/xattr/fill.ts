import { checkAlgorithms } from '../checksum/options.js';
import type { AlgorithmName } from '../engine/algorithms.js';
import { checkProfiles, checkSelection } from './options.js';
import type { Profile } from './profiles/table.js';
import { readChecksums, type StoredChecksum } from './read.js';
import { checkPlaces, storeChecksums } from './store.js';
import { checkWay, type SumWay, sumVersion } from './sum.js';
import { settledStamps } from './version.js';

export interface FillOptions extends SumWay {
  /** Where the values are kept. Default: `sluice`, and what keeps stale values. */
  profiles?: readonly Profile[];
  /** What is computed. Default: `adler32`, and what these profiles keep stale values of. */
  algorithms?: readonly AlgorithmName[];
}

/**
 * Sums an open file and keeps the values with it.
 *
 * @returns the values
 * @throws SluiceError as `checksum` and `storeChecksums` do; nothing is stored then
 */
export async function fillChecksums(
  fd: number,
  options: FillOptions = {},
): Promise<Partial<Record<AlgorithmName, bigint>>> {
  checkWay(options, ['profiles', 'algorithms']);
  const { profiles, algorithms, ...way } = options;
  const selection = checkSelection({
    ...(profiles !== undefined && { profiles }),
    ...(algorithms !== undefined && { algorithms }),
  });
  const stored = await readChecksums(fd, selection);
  const stale = stored.filter((each): each is StoredChecksum => each.state === 'stale');
  const chosen = checkProfiles(profiles ?? ['sluice', ...stale.map(({ profile }) => profile)]);
  const summed = checkAlgorithms(algorithms ?? ['adler32', ...stale.map(({ algorithm }) => algorithm)]);
  checkPlaces(chosen, summed);
  const version = await settledStamps(fd, chosen);
  const values = Object.fromEntries((await sumVersion(fd, version, summed, way)).values);
  await storeChecksums(fd, values, { profiles: chosen, version });
  return values;
}
