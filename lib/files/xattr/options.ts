import { bad, checkAlgorithms, rejectUnknown } from '../../checksum/options.js';
import { type AlgorithmName, algorithms } from '../../engine/algorithms.js';
import { shown } from '../../shown.js';
import type { FileVersion } from './profiles/profile.js';
import { type Profile, profiles } from './profiles/table.js';

/** Which of the stored checksums are meant. */
export interface Selection {
  /** Default: all. */
  profiles?: readonly Profile[];
  /** Default: all. */
  algorithms?: readonly AlgorithmName[];
}

export function checkProfiles(names: unknown): Profile[] {
  if (!Array.isArray(names) || names.length === 0) {
    throw bad('The option profiles is a list of at least one name');
  }
  const index = names.findIndex((name) => !profiles.includes(name));
  if (index >= 0) throw bad(`There is no profile ${shown(names[index])}; there are ${profiles.join(', ')}`);
  return [...new Set(names as Profile[])];
}

export function checkSelection(selection: Selection): Required<Selection> {
  rejectUnknown(selection, new Set(['profiles', 'algorithms']));
  const { profiles: chosen = profiles, algorithms: names = algorithms } = selection;
  return { profiles: checkProfiles(chosen), algorithms: checkAlgorithms(names) };
}

/** Throws for what is no version of a file. */
export function checkVersion(version: unknown): void {
  const { size, mtimeNs } = (version ?? {}) as Partial<FileVersion>;
  if (typeof size !== 'bigint' || typeof mtimeNs !== 'bigint')
    throw bad(`The option version is what versionOf gives, not ${shown(version)}`);
}
