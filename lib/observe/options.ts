import { bad, checkAlgorithms, checkSignal, flag, oneOf, rejectUnknown } from '../checksum/options.js';
import type { AlgorithmName } from '../engine/algorithms.js';
import { type HookKind, hookKinds } from '../engine/taps/observe-programs.js';
import { checkProfiles } from '../files/xattr/options.js';
import type { Profile } from '../files/xattr/profiles/table.js';
import { checkPlaces } from '../files/xattr/store.js';
import { shown } from '../shown.js';

/** How sums are got: as pays here, where it is written, behind the writer, or by reading each file again. */
export type Method = 'auto' | 'hook' | 'follow' | 'reread';

export const methods: readonly Method[] = ['auto', 'hook', 'follow', 'reread'];

export interface ObserveOptions {
  /** What is computed. Default: `['adler32']`. */
  algorithms?: readonly AlgorithmName[];
  /** Where the values are kept with the files. Default: nowhere, they are only told. */
  profiles?: readonly Profile[];
  /**
   * - `auto` (default) takes what pays here, and goes without programs where the kernel takes none;
   * - `hook` has programs in the kernel sum what is written, where it is written, so that nobody reads it;
   * - `follow` has programs in the kernel note what is written, and reads that while it is in the page cache; what they did
   *   not see whole is read again;
   * - `reread` reads each file when it was closed, and is the only one for file systems that other machines may change, of
   *   whose changes this one is not told.
   */
  method?: Method;
  /**
   * What the programs are attached to; without it the first kind that works here, and with it no other, nor none.
   * `raw_tp` sees ext4 alone.
   */
  hooks?: HookKind;
  /**
   * A file that is kept for the next observation of the same folders: what this one has not done with when it is killed,
   * and what happens while nobody observes, is looked for when the next one begins. It is made where it is not there, and
   * does not lie in the folders. Default: none is kept, and what happened before is not looked for.
   */
  journal?: string;
  /**
   * Has the kernel measure how often and how long its programs run, for `stats`, as long as this observes. It costs every run
   * of every program on this machine some 20 ns. Default: `false`.
   */
  cpuTime?: boolean;
  /** Ends the observation with ERR_SLUICE_ABORTED. */
  signal?: AbortSignal;
}

export interface CheckedObserveOptions {
  algorithms: readonly AlgorithmName[];
  profiles: readonly Profile[];
  method: Method;
  hooks: HookKind | undefined;
  journal: string | undefined;
  cpuTime: boolean;
  signal: AbortSignal | undefined;
}

const known: ReadonlySet<string> = new Set([
  'algorithms',
  'profiles',
  'method',
  'hooks',
  'journal',
  'cpuTime',
  'signal',
] satisfies (keyof ObserveOptions)[]);

const isPath = (path: unknown) => typeof path === 'string' && path !== '' && !path.includes('\0');

/** The folders to observe: at least one, by their paths. */
export function checkFolders(paths: unknown): readonly string[] {
  const all = typeof paths === 'string' ? [paths] : paths;
  if (!Array.isArray(all) || all.length === 0) throw bad(`The folders are paths, not ${shown(paths)}`);
  for (const path of all) {
    if (!isPath(path)) throw bad(`A folder is a path, not ${shown(path)}`);
  }
  return all;
}

export function checkObserveOptions(options: ObserveOptions): CheckedObserveOptions {
  rejectUnknown(options, known);
  const { profiles, journal, signal } = options;
  const method = oneOf('method', options.method ?? 'auto', methods);
  const hooks = options.hooks === undefined ? undefined : oneOf('hooks', options.hooks, hookKinds);
  if (hooks && method === 'reread')
    throw bad('The method reread attaches no programs, so that it has no hooks');
  const cpuTime = flag('cpuTime', options.cpuTime ?? false);
  const algorithms = checkAlgorithms(options.algorithms);
  if (journal !== undefined && !isPath(journal)) throw bad(`The journal is a path, not ${shown(journal)}`);
  checkSignal(signal);
  const chosen = profiles === undefined ? [] : checkProfiles(profiles);
  if (chosen.length > 0) checkPlaces(chosen, algorithms);
  return { algorithms, profiles: chosen, method, hooks, journal, cpuTime, signal };
}
