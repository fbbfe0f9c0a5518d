/** Why trees can't be observed, and why a file has no value. */

import { lacking, missingOf } from '../capabilities.js';
import { attributeFailure } from '../errors/attribute-failure.js';
import { isForbidden, isShortage } from '../errors/errno.js';
import { SluiceError } from '../errors/errors.js';
import { fromErrno } from '../errors/from-errno.js';
import { readFailure } from '../errors/native-failures.js';
import { withoutProc } from '../errors/policy.js';
import { systemErrorText } from '../errors/system-error.js';
import type { NativeFileRefusal, NativeRefusal } from '../native/index.js';

const instead = '`sluice verify --store` sums its files from time to time';

function notObservable(root: string, detail: string, errno: number): SluiceError {
  const details = { path: root, errno };
  if (detail === 'shared') {
    const reason = `${root} is on a file system that other machines or programs may change, and this kernel is not told of that`;
    const remedy = `With the method reread, what this machine changes is observed; ${instead}.`;
    return new SluiceError('ERR_SLUICE_UNSUPPORTED', reason, { ...details, remedy });
  }
  const reason = `The file system of ${root} does not find files by their handles (${detail}: ${systemErrorText(errno)})`;
  return new SluiceError('ERR_SLUICE_UNSUPPORTED', reason, {
    ...details,
    remedy: `Observe it where it is stored; ${instead}.`,
  });
}

/** The error for trees whose observation could not begin. */
export function startFailure(refusal: NativeRefusal & { root: string }): SluiceError {
  const { failure, errno, detail, root } = refusal;
  const details = { path: root, errno };
  if (failure === 'notObservable') return notObservable(root, detail, errno);
  if (detail === 'open' || detail === 'fstat') return readFailure(refusal as NativeFileRefusal, root, root);
  if (detail === 'readlink')
    return withoutProc('Files can be named', errno) ?? readFailure(refusal as NativeFileRefusal, root, root);
  if (isForbidden(errno) && detail === 'open_by_handle_at') {
    const reason =
      'The kernel does not let this process open files by their handles: it lacks CAP_DAC_READ_SEARCH';
    const remedy =
      'Grant CAP_DAC_READ_SEARCH (systemd: AmbientCapabilities=CAP_DAC_READ_SEARCH; or run as root).';
    return new SluiceError('ERR_SLUICE_NO_CAPABILITY', reason, { ...details, remedy });
  }
  const missing = isForbidden(errno) ? missingOf(['CAP_SYS_ADMIN']) : [];
  if (missing.length > 0) return lacking(missing, 'observe a file system', details);
  const why = `${detail}: ${systemErrorText(errno)}`;
  if (isShortage(errno))
    return new SluiceError('ERR_SLUICE_LIMIT', `${root} can't be observed (${why})`, details);
  if (detail === 'fanotify_mark') {
    const reason = `The file system of ${root} does not say which of its files change (${why})`;
    return new SluiceError('ERR_SLUICE_UNSUPPORTED', reason, {
      ...details,
      remedy: `As for it, ${instead}.`,
    });
  }
  return fromErrno(errno, `${root} can't be observed (${why})`, { path: root, calls: detail });
}

/** The error for a file that has no value; undefined where nothing failed. */
export function fileFailure(refusal: NativeRefusal, path: string): SluiceError {
  if (refusal.failure === 'attribute') return attributeFailure(refusal.errno, refusal.detail, 'fsetxattr');
  return readFailure(refusal as NativeFileRefusal, path, path);
}
