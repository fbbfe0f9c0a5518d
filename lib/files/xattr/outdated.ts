import { formats } from './profiles/table.js';
import type { MalformedChecksum, StoredChecksum } from './read.js';

/**
 * Whether a value without a time, or with one in whole seconds only, is the same as a stale one: it was stored with it, for
 * a file that is no more. That another value is fresh proves nothing: what it was computed from may have been rot already.
 */
export function outdated(
  { profile, state, algorithm, value }: StoredChecksum,
  checksums: readonly (StoredChecksum | MalformedChecksum)[],
): boolean {
  if (state !== 'undated' && !(state === 'fresh' && formats[profile].wholeSeconds)) return false;
  return checksums.some(
    (each) => each.state === 'stale' && each.algorithm === algorithm && each.value === value,
  );
}
