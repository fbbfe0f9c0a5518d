import type { FileLike } from '../../checksum/file-like.js';
import { bad, oneOf, rejectUnknown } from '../../checksum/options.js';
import type { AlgorithmName } from '../../engine/algorithms.js';
import { Checksums, type PlainChecksums } from '../../engine/checksums.js';
import { SluiceError } from '../../errors/errors.js';
import { shown } from '../../shown.js';
import { clearChecksums } from './clear.js';
import { expectedOf } from './compare.js';
import { withDescriptor } from './open.js';
import { checkProfiles, checkSelection, checkVersion } from './options.js';
import { outdated } from './outdated.js';
import { type ComposedValue, type FileVersion, type Origin, origins } from './profiles/profile.js';
import { formats, type Profile } from './profiles/table.js';
import { attributesOf, type MalformedChecksum, readKept, type StoredChecksum } from './read.js';
import { replaceValues } from './replace.js';
import { clearMark } from './rot.js';
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

/** Throws ERR_SLUICE_OPTION if one of the profiles keeps none of the algorithms. To be asked before a file is read. */
export function checkPlaces(profiles: readonly Profile[], algorithms: readonly AlgorithmName[]): void {
  for (const profile of checkProfiles(profiles)) {
    if (attributesOf(profile, algorithms).size === 0)
      throw bad(`The profile ${profile} has no place for ${algorithms.join(', ') || 'nothing'}`);
  }
}

/** @internal The attributes that keep the values, profile by profile, each with those it keeps. */
export function targetsOf(
  checksums: Checksums,
  options: { profiles: readonly Profile[]; origin: Origin },
): { profile: Profile; attribute: string; algorithms: AlgorithmName[]; values: ComposedValue[] }[] {
  const origin = oneOf('origin', options.origin, origins);
  const algorithms = checksums.keys();
  checkPlaces(options.profiles, algorithms);
  return [...new Set(options.profiles)].flatMap((profile) =>
    [...attributesOf(profile, algorithms)].map(([attribute, kept]) => ({
      profile,
      attribute,
      algorithms: kept,
      values: [...checksums.only(kept)].map(([algorithm, value]) => ({ algorithm, value, origin })),
    })),
  );
}

/**
 * What `storeChecksums` would set on a file that has no checksums yet.
 *
 * @param version of the file that the values are of
 */
export function composeChecksums(
  checksums: Checksums,
  { version, ...how }: { profiles: readonly Profile[]; origin: Origin; version: FileVersion },
): [name: string, value: Buffer][] {
  return targetsOf(checksums, how).map(({ profile, attribute, values }) => [
    attribute,
    formats[profile].compose(values, version),
  ]);
}

function changed(): SluiceError {
  return new SluiceError('ERR_SLUICE_CHANGED', 'The file changed after it was summed, so nothing was stored');
}

/** @internal Values that only stale ones, which may be about to be replaced, tell from rot. */
export function outdatedOnes(stored: readonly (StoredChecksum | MalformedChecksum)[]): StoredChecksum[] {
  return stored.filter(
    (each): each is StoredChecksum => each.state !== 'malformed' && outdated(each, stored),
  );
}

/**
 * Keeps checksums with a file. A profile stores the algorithms that it has a place for, and must have one for at
 * least one of them. What `sluice` keeps of other algorithms stays while it is of the same version.
 *
 * A value without a time, in any profile, that is the same as a stale one is replaced too, or removed where there is none
 * of its algorithm: once the stale one is replaced, nobody could tell it from rot. A version that was found rotten loses its
 * mark, unless a value that was stored for it before is left and is not among the new ones.
 *
 * @throws SluiceError ERR_SLUICE_CHANGED if the file is not the one that was summed; ERR_SLUICE_NO_ATTRIBUTES,
 * ERR_SLUICE_NO_SPACE, ERR_SLUICE_PERMISSION where the file system refuses: what was stored until then stays
 */
export async function storeChecksums(
  file: FileLike,
  checksums: Checksums | PlainChecksums,
  options: StoreOptions = {},
): Promise<void> {
  rejectUnknown(options, new Set(['profiles', 'origin', 'version']));
  if (typeof checksums !== 'object' || checksums === null)
    throw bad(`Checksums are an object of values by algorithm, not ${shown(checksums)}`);
  const { profiles = ['sluice'], origin = 'reread' } = options;
  const fresh = checksums instanceof Checksums ? checksums : new Checksums(checksums);
  const targets = targetsOf(fresh, { profiles, origin });
  if (options.version !== undefined) checkVersion(options.version);
  await withDescriptor(file, (fd) => store(fd, fresh, { ...options, profiles, origin }, targets));
}

async function store(
  fd: number,
  fresh: Checksums,
  options: StoreOptions & Required<Pick<StoreOptions, 'profiles' | 'origin'>>,
  targets: ReturnType<typeof targetsOf>,
): Promise<void> {
  const { profiles, origin } = options;
  const before = await stampsOf(fd);
  const version = options.version ?? before;
  if (!sameVersion(before, version)) throw changed();
  const { checksums: stored, standing } = await readKept(fd, before, checkSelection({}));
  // First: whatever happens in between, it can be told from rot still.
  const former = outdatedOnes(stored);
  for (const { profile, attribute, algorithm } of former) {
    const value = fresh.get(algorithm);
    const values = value === undefined ? [] : [{ algorithm, value, origin }];
    await replaceValues(fd, profile, attribute, [algorithm], values, version);
  }
  for (const { profile, attribute, algorithms, values } of targets) {
    await replaceValues(fd, profile, attribute, algorithms, values, version);
  }
  // Not every profile can tell a change later on: one that happened meanwhile is told now.
  if (!sameVersion(await stampsOf(fd), version)) {
    await clearChecksums(fd, { profiles, algorithms: fresh.keys() });
    for (const { profile, algorithm } of former)
      await clearChecksums(fd, { profiles: [profile], algorithms: [algorithm] });
    throw changed();
  }
  // Found rotten before: the new values say what the bytes are now, unless an older one is left that may say otherwise.
  if (standing.rot === undefined) return;
  const { values: kept } = await expectedOf(fd, before);
  if (![...kept].every(([algorithm, value]) => fresh.get(algorithm) === value)) return;
  const failure = await clearMark(fd, before);
  if (failure) throw failure;
}
