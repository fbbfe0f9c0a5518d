import type { Verdict } from '../xattr/index.js';

/** What a walk found: files by verdict, and the bytes that were compared. */
export type Totals = Record<Verdict | 'stored' | 'busy' | 'unreadable' | 'files' | 'bytes', number>;

export function noTotals(): Totals {
  return {
    files: 0,
    bytes: 0,
    ok: 0,
    stored: 0,
    busy: 0,
    missing: 0,
    stale: 0,
    malformed: 0,
    unreadable: 0,
    rot: 0,
  };
}
