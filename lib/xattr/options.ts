import { bad, checkAlgorithms, rejectUnknown } from '../checksum/options.js';
import { type AlgorithmName, algorithms } from '../engine/algorithms.js';
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
  const unknown = names.find((name) => !profiles.includes(name));
  if (unknown !== undefined)
    throw bad(`There is no profile ${JSON.stringify(unknown)}; there are ${profiles.join(', ')}`);
  return [...new Set(names as Profile[])];
}

export function checkSelection(selection: Selection): Required<Selection> {
  rejectUnknown(selection, new Set(['profiles', 'algorithms']));
  return {
    profiles: checkProfiles(selection.profiles ?? profiles),
    algorithms: checkAlgorithms(selection.algorithms ?? algorithms),
  };
}
