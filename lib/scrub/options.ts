import {
  bad,
  checkFunction,
  checkOptions,
  checkSignal,
  checkThreads,
  defaultThreads,
  flag,
  rejectUnknown,
} from '../checksum/options.js';
import type { AlgorithmName } from '../engine/algorithms.js';
import type { EngineChoice } from '../engine/backends.js';
import { chooseEngine } from '../engine/choose.js';
import { checkSelection, type Selection } from '../files/xattr/options.js';
import type { Profile } from '../files/xattr/profiles/table.js';
import { checkPlaces } from '../files/xattr/store.js';
import { Throttle } from '../files/xattr/throttle.js';
import { shown } from '../shown.js';

export interface VerifyTreeOptions {
  /** Only checksums of these algorithms. Default: all that are kept; with `store`: `['adler32']`. */
  algorithms?: readonly AlgorithmName[];
  /** Only what these profiles keep. Default: all; with `store`: `['sluice']`. */
  profiles?: readonly Profile[];
  /** What sums, as for `checksum`. Default: `auto`. */
  engine?: EngineChoice;
  /** Reads through the page cache, or what is on the disk, as for `checksum`. Default: `use`. */
  cache?: 'use' | 'bypass';
  /** Files that are summed at once. Default: the machine's cores. */
  threads?: number;
  /** Reads no more bytes a second than this, all files together. Default: as fast as it can. */
  maxRate?: number;
  /** Computes and keeps a checksum of files that have none. Default: false. */
  store?: boolean;
  /** Stays out of what is mounted in the folders. Default: false. */
  oneFileSystem?: boolean;
  /**
   * A file that keeps, every second, how far the run has come. The same call takes up a run that was stopped, and ends with
   * the totals of an unbroken one. The file is removed when the run is over. Default: none.
   */
  journal?: string;
  /** Ends the run with ERR_SLUICE_ABORTED, at the latest after the pieces being read. */
  signal?: AbortSignal;
  /** Called now and then with the bytes read so far. What it throws ends the run. */
  onProgress?: (bytes: number) => void;
}

export interface CheckedTreeOptions {
  /** What was asked for, and no more. */
  selection: Selection;
  engine: EngineChoice;
  cache: 'use' | 'bypass';
  threads: number;
  throttle: Throttle | undefined;
  store: boolean;
  oneFileSystem: boolean;
  journal: string | undefined;
  signal: AbortSignal | undefined;
  onProgress: ((bytes: number) => void) | undefined;
}

const known: ReadonlySet<string> = new Set([
  'algorithms',
  'profiles',
  'engine',
  'cache',
  'threads',
  'maxRate',
  'store',
  'oneFileSystem',
  'journal',
  'signal',
  'onProgress',
] satisfies (keyof VerifyTreeOptions)[]);

function checkPath(what: string, value: unknown): string {
  if (typeof value === 'string' && value !== '' && !value.includes('\0')) return value;
  throw bad(`${what} is a path, not ${shown(value)}`);
}

/** The folders of a run: at least one, by their paths. */
export function checkFolders(folders: unknown): readonly string[] {
  const all = typeof folders === 'string' ? [folders] : folders;
  if (!Array.isArray(all) || all.length === 0) throw bad(`The folders are paths, not ${shown(folders)}`);
  return all.map((folder) => checkPath('A folder', folder));
}

/** Throws for what no run can be made by, and where the engine that is asked for is not to be had. */
export function checkTreeOptions(options: VerifyTreeOptions): CheckedTreeOptions {
  rejectUnknown(options, known);
  const { algorithms, profiles, engine = 'auto', cache = 'use', maxRate, journal, signal } = options;
  const { threads = defaultThreads, store = false, oneFileSystem = false, onProgress } = options;
  const selection: Selection = { ...(profiles && { profiles }), ...(algorithms && { algorithms }) };
  checkSelection(selection);
  checkOptions({ engine, cache });
  checkSignal(signal);
  checkFunction('onProgress', onProgress);
  chooseEngine(engine, algorithms ?? ['adler32']);
  if (flag('store', store)) checkPlaces(profiles ?? ['sluice'], algorithms ?? ['adler32']);
  return {
    selection,
    engine,
    cache,
    threads: checkThreads(threads),
    throttle: maxRate === undefined ? undefined : new Throttle(maxRate),
    store,
    oneFileSystem: flag('oneFileSystem', oneFileSystem),
    journal: journal === undefined ? undefined : checkPath('The option journal', journal),
    signal,
    onProgress,
  };
}
