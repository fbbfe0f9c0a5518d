import type { SluiceError } from '../errors/errors.js';
import type { Verdict } from '../files/xattr/index.js';

/**
 * What became of a file of a tree. To what `verifyChecksums` says of one come `stored`: it had no checksum, and got one;
 * `busy`: somebody writes to it; `refused`: its attributes could not be read or set; and `unreadable`.
 */
export type FileVerdict = Verdict | 'stored' | 'busy' | 'refused' | 'unreadable';

/**
 * What a walk found: files by verdict, the bytes that were compared, and how many files were read through the page cache
 * although it was to be bypassed.
 */
export type Totals = Record<FileVerdict | 'files' | 'bytes' | 'fellBack', number>;

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

/** What an error says of a file. */
export function verdictOnError({ code, attribute }: SluiceError): 'busy' | 'rot' | 'refused' | 'unreadable' {
  if (code === 'ERR_SLUICE_CORRUPT') return 'rot';
  if (code === 'ERR_SLUICE_CHANGED' || code === 'ERR_SLUICE_WRITER') return 'busy';
  return attribute === undefined ? 'unreadable' : 'refused';
}
