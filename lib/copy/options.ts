import {
  bad,
  checkAlgorithms,
  checkEngine,
  checkFunction,
  checkSignal,
  flag,
  rejectUnknown,
  someOf,
} from '../checksum/options.js';
import type { AlgorithmName } from '../engine/algorithms.js';
import type { EngineChoice } from '../engine/backends.js';
import { Checksums, type PlainChecksums } from '../engine/checksums.js';
import type { Profile } from '../files/xattr/profiles/table.js';
import { checkPlaces } from '../files/xattr/store.js';
import { shown } from '../shown.js';

/**
 * What a copy can have of its source beside the bytes: `mode`, its permissions whatever the umask is; `times`, those of the
 * last access and modification; `xattrs`, its user attributes, except checksums.
 */
export type Keepable = 'mode' | 'times' | 'xattrs';

export const keepable: readonly Keepable[] = ['mode', 'times', 'xattrs'];

export interface CopyOptions {
  /** Computed of the bytes as they are stored, in one pass. Default: `['adler32']`. */
  algorithms?: readonly AlgorithmName[];
  /** What measures, as for `checksum`. Default: `auto`. */
  engine?: EngineChoice;
  /** Values that the file must have. Where it has another one nothing is copied, and there is ERR_SLUICE_MISMATCH. */
  expected?: Checksums | PlainChecksums;
  /** Where the checksums are kept with the copy. Default: nowhere. */
  profiles?: readonly Profile[];
  /** What the copy gets of its source. Default: the mode, as far as the umask lets it. */
  keep?: readonly Keepable[];
  /** Waits until the copy would outlive a power failure. Default: false. */
  sync?: boolean;
  /** Abandons the copy with ERR_SLUICE_ABORTED: the target is what it was. */
  signal?: AbortSignal;
  /** Called now and then with the bytes of the file that are done. What it throws ends the copy. */
  onProgress?: (bytes: number) => void;
}

export interface CheckedCopyOptions {
  algorithms: readonly AlgorithmName[];
  engine: EngineChoice;
  expected: Checksums;
  profiles: readonly Profile[];
  keep: readonly Keepable[];
  sync: boolean;
  signal: AbortSignal | undefined;
  onProgress: ((bytes: number) => void) | undefined;
}

const known: ReadonlySet<string> = new Set([
  'algorithms',
  'engine',
  'expected',
  'profiles',
  'keep',
  'sync',
  'signal',
  'onProgress',
] satisfies (keyof CopyOptions)[]);

/** Throws ERR_SLUICE_OPTION or ERR_SLUICE_ALGORITHM for what no copy can be made by. */
export function checkCopyOptions(options: CopyOptions): CheckedCopyOptions {
  rejectUnknown(options, known);
  const { engine, expected = {}, profiles = [], keep = [], sync = false, signal, onProgress } = options;
  const algorithms = checkAlgorithms(options.algorithms);
  if (typeof expected !== 'object' || expected === null)
    throw bad(`The option expected is an object of values by algorithm, not ${shown(expected)}`);
  if (!Array.isArray(profiles)) throw bad(`The option profiles is a list, not ${shown(profiles)}`);
  if (profiles.length > 0) checkPlaces(profiles, algorithms);
  checkSignal(signal);
  checkFunction('onProgress', onProgress);
  return {
    algorithms,
    engine: checkEngine(engine),
    expected: new Checksums(expected),
    profiles,
    keep: someOf('keep', keep, keepable),
    sync: flag('sync', sync),
    signal,
    onProgress,
  };
}
