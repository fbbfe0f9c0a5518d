import type { MalformedChecksum, StoredChecksum } from './read.js';

/**
 * Whether a value without a time is the same as a stale one: it was stored with it, for a file that is no more. That
 * another value is fresh proves nothing: what it was computed from may have been rot already.
 */
export function outdated(
  { state, algorithm, value }: StoredChecksum,
  checksums: readonly (StoredChecksum | MalformedChecksum)[],
): boolean {
  if (state !== 'undated') return false;
  return checksums.some(
    (each) => each.state === 'stale' && each.algorithm === algorithm && each.value === value,
  );
}
