/** The errors for system calls that failed. */

import type { SluiceErrorCode } from '../errors/codes.js';
import { codeFor, errnoOf, isLink, meaningOf, wouldWait } from '../errors/errno.js';
import { SluiceError, type SluiceErrorDetails } from '../errors/errors.js';
import { refusedCall } from './policy.js';
import { errorText } from './system-error.js';

export interface FailedCall extends Omit<SluiceErrorDetails, 'errno' | 'cause'> {
  /** What it means of this call, where that is not what it means of others. */
  code?: SluiceErrorCode | undefined;
  /** Which of these calls failed, where the failure does not say it. */
  calls?: string | readonly string[] | undefined;
}

/**
 * The error for a system call that failed: unless the process may not make it at all, of the code that its number stands
 * for.
 *
 * @param failure what `node:fs` threw, or the number
 * @param reason what happened and why, without a full stop
 */
export function fromErrno(failure: unknown, reason: string, call: FailedCall = {}): SluiceError {
  const { code = codeFor(failure), calls, ...about } = call;
  const errno = errnoOf(failure) || undefined;
  const isNumber = typeof failure === 'number';
  const details = { ...about, errno, ...(!isNumber && { cause: failure }) };
  const made = calls ?? (isNumber ? undefined : (failure as NodeJS.ErrnoException | null)?.syscall);
  return (
    (made === undefined ? undefined : refusedCall(made, errno, details)) ??
    new SluiceError(code, reason, details)
  );
}

export interface UnreadFile {
  /** Undefined for one that was handed in open. */
  path: string | undefined;
  /** How a sentence names it. Default: its path. */
  what?: string | undefined;
  doing: 'opened' | 'read';
  /** It was opened with O_NOFOLLOW. */
  noFollow?: boolean;
}

/** The error for a file that could not be opened, looked at or read. */
export function unread(failure: unknown, { path, what = path, doing, noFollow }: UnreadFile): SluiceError {
  const about = { path };
  if (noFollow && isLink(failure)) {
    const reason = `${what} is a symbolic link, not a regular file`;
    return fromErrno(failure, reason, { ...about, code: 'ERR_SLUICE_NOT_A_FILE' });
  }
  if (doing === 'opened' && wouldWait(failure)) {
    const reason = `${what} is held by a writer with a lease`;
    return fromErrno(failure, reason, { ...about, code: 'ERR_SLUICE_WRITER' });
  }
  const { said = `could not be ${doing} (${errorText(failure)})` } = meaningOf(failure);
  return fromErrno(failure, `${what} ${said}`, about);
}
