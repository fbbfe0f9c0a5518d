import { bad, oneOf, rejectUnknown } from '../checksum/options.js';
import { type AlgorithmName, checkValue } from '../engine/algorithms.js';
import { SluiceError } from '../errors.js';
import { clearChecksums } from './clear.js';
import { checkProfiles } from './options.js';
import type { FileVersion, Origin } from './profiles/profile.js';
import type { Profile } from './profiles/table.js';
import { attributesOf } from './read.js';
import { replaceValues } from './replace.js';
import { sameVersion, stampsOf } from './version.js';

export interface StoreOptions {
  /** Default: `['sluice']`. */
  profiles?: readonly Profile[];
  /** Where the values come from. Default: `reread`. */
  origin?: Origin;
  /**
   * The version of the file that was summed, from `versionOf(fd, profiles)` before the sum. If the file is another by now, there is an
   * error. Without it the caller vouches that nobody has written to the file since, as to a temporary file of its own.
   */
  version?: FileVersion;
}

function changed(): SluiceError {
  return new SluiceError('ERR_SLUICE_CHANGED', 'The file changed after it was summed, so nothing was stored');
}

/**
 * Keeps checksums with an open file. A profile stores the algorithms that it has a place for, and must have one for at
 * least one of them. What `sluice` keeps of other algorithms stays while it is of the same version.
 *
 * @throws SluiceError ERR_SLUICE_CHANGED if the file is not the one that was summed; ERR_SLUICE_NO_ATTRIBUTES,
 * ERR_SLUICE_NO_SPACE, ERR_SLUICE_PERMISSION where the file system refuses: what was stored until then stays
 */
export async function storeChecksums(
  fd: number,
  checksums: Partial<Record<AlgorithmName, bigint>>,
  options: StoreOptions = {},
): Promise<void> {
  rejectUnknown(options, new Set(['profiles', 'origin', 'version']));
  const profiles = checkProfiles(options.profiles ?? ['sluice']);
  const origin = oneOf('origin', options.origin ?? 'reread', ['engine', 'reread']);
  const values = Object.entries(checksums) as [AlgorithmName, bigint][];
  for (const [algorithm, value] of values) checkValue(algorithm, value);
  const algorithms = values.map(([algorithm]) => algorithm);
  const targets = profiles.map((profile) => ({ profile, attributes: attributesOf(profile, algorithms) }));
  const useless = targets.find(({ attributes }) => attributes.size === 0);
  if (useless) {
    throw bad(`The profile ${useless.profile} has no place for ${algorithms.join(', ') || 'nothing'}`);
  }

  const before = await stampsOf(fd);
  const version = options.version ?? before;
  if (!sameVersion(before, version)) throw changed();
  for (const { profile, attributes } of targets) {
    for (const [attribute, kept] of attributes) {
      const mine = values
        .filter(([algorithm]) => kept.includes(algorithm))
        .map(([algorithm, value]) => ({ algorithm, value, origin }));
      await replaceValues(fd, profile, attribute, kept, mine, version);
    }
  }
  // Not every profile can tell a change later on: one that happened meanwhile is told now.
  if (!sameVersion(await stampsOf(fd), version)) {
    await clearChecksums(fd, { profiles, algorithms });
    throw changed();
  }
}
