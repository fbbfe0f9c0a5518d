import { checkAlgorithms, rejectUnknown } from '../checksum/options.js';
import type { AlgorithmName } from '../engine/algorithms.js';
import { checkProfiles } from './options.js';
import type { Profile } from './profiles/table.js';
import { checkPlaces, storeChecksums } from './store.js';
import { type SumWay, sumVersion, sumWays } from './sum.js';
import { settledStamps } from './version.js';

export interface FillOptions extends SumWay {
  /** Where the values are kept. Default: `['sluice']`. */
  profiles?: readonly Profile[];
  /** What is computed. Default: `['adler32']`. */
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
  const { profiles, algorithms, ...way } = options;
  rejectUnknown(way, sumWays);
  const chosen = checkProfiles(profiles ?? ['sluice']);
  const summed = checkAlgorithms(algorithms);
  checkPlaces(chosen, summed);
  const version = await settledStamps(fd, chosen);
  const values = Object.fromEntries((await sumVersion(fd, version, summed, way)).values);
  await storeChecksums(fd, values, { profiles: chosen, version });
  return values;
}
