import type { Verdict } from '../files/xattr/index.js';

/**
 * What a walk found: files by verdict, the bytes that were compared, and how many files were read through the page cache
 * although it was to be bypassed.
 */
export type Totals = Record<
  Verdict | 'stored' | 'busy' | 'refused' | 'unreadable' | 'files' | 'bytes' | 'fellBack',
  number
>;

export function noTotals(): Totals {
  return {
    files: 0,
    bytes: 0,
    fellBack: 0,
    ok: 0,
    stored: 0,
    busy: 0,
    missing: 0,
    stale: 0,
    malformed: 0,
    refused: 0,
    unreadable: 0,
    rot: 0,
  };
}
