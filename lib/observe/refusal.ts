/** Why trees can't be observed, and why a file has no value. */

import { codeFor, isForbidden, isLink, isMissing, isNoFolder, isOutOfSpace } from '../errors/errno.js';
import { SluiceError } from '../errors/errors.js';
import type { NativeFileRefusal, NativeRefusal, NativeRootRefusal } from '../native/index.js';
import { attributeFailure } from '../system/attribute-failure.js';
import { lacking, missingOf } from '../system/capabilities.js';
import { fromErrno } from '../system/from-errno.js';
import { readFailure, whyOf } from '../system/native-failures.js';
import { withoutProc } from '../system/policy.js';
import { systemErrorText } from '../system/system-error.js';

const instead = '`sluice verify --store` sums its files from time to time';

function notObservable(refusal: NativeRootRefusal): SluiceError {
  const { root, errno } = refusal;
  const details = { path: root, errno };
  if (refusal.detail === 'shared') {
    const reason = `${root} is on a file system that other machines or programs may change, and this kernel is not told of that`;
    const remedy = `With the method reread, what this machine changes is observed where its kernel tells of it; ${instead}.`;
    return new SluiceError('ERR_SLUICE_UNSUPPORTED', reason, { ...details, remedy });
  }
  const reason = `The file system of ${root} does not find files by their handles (${whyOf(refusal)})`;
  return new SluiceError('ERR_SLUICE_UNSUPPORTED', reason, {
    ...details,
    remedy: `Observe it where it is stored; ${instead}.`,
  });
}

/** The error for a folder in which something was done to see whether it is told, and it was not. */
function unseen({ root, detail }: NativeRootRefusal): SluiceError {
  const [reason, remedy] =
    detail === 'write'
      ? [`A file was written in ${root}, and no program in the kernel saw it`, 'Use the method reread.']
      : [
          `A file was ${detail}d in ${root}, and the kernel did not tell of it`,
          `Observe it where it is stored; ${instead}.`,
        ];
  return new SluiceError('ERR_SLUICE_UNSUPPORTED', reason, { path: root, remedy });
}

/** Why nobody knows whether what happens in a folder is seen. */
export function untestedFailure(refusal: NativeRootRefusal): SluiceError {
  const { root, errno, call } = refusal;
  const reason = `It was not tried whether what happens in ${root} is seen: no file could be made there (${whyOf(refusal)})`;
  return fromErrno(errno, reason, { path: root, calls: call });
}

/** Why there is no process that sets attributes; undefined where that is not what failed. */
function setterFailure({ failure, errno, call }: NativeRefusal): SluiceError | undefined {
  if (failure === 'noSetter') {
    return new SluiceError('ERR_SLUICE_IO', 'The process that sets attributes has ended', {
      remedy: 'See who ended it (dmesg names what a seccomp filter has killed), and observe again.',
    });
  }
  if (call !== 'posix_spawn') return undefined;
  const reason = `The process that sets attributes could not be started (${systemErrorText(errno)})`;
  return fromErrno(errno, reason, isMissing(errno) ? { code: 'ERR_SLUICE_NO_BINARY' } : {});
}

const ownFile = 'Name a file of your own, or one that does not exist yet.';

/** What is in the place of a journal, if that is why it can't be opened. */
function unkept(errno: number): string | undefined {
  if (isLink(errno)) return 'is a symbolic link';
  return codeFor(errno) === 'ERR_SLUICE_IS_DIRECTORY' ? 'is a directory' : undefined;
}

/** The error for a journal that can't be kept. */
export function journalFailure(refusal: NativeRefusal, journal: string): SluiceError {
  const { failure, errno, call } = refusal;
  const about = { path: journal, errno: errno || undefined };
  if (failure === 'busy')
    return new SluiceError('ERR_SLUICE_BUSY', `The journal ${journal} is kept by another observation`, {
      ...about,
      remedy: 'End that one, or name another file.',
    });
  if (failure !== 'systemCall') {
    const remedies: Readonly<Record<string, string>> = {
      notAFile: ownFile,
      differs: 'Observe the same folders, in the same order, or name another file.',
      overlap: 'Keep it elsewhere: to write it would be a change to observe.',
    };
    return new SluiceError('ERR_SLUICE_OPTION', `The journal ${journal} ${whyOf(refusal)}`, {
      ...about,
      remedy: remedies[failure],
    });
  }
  const why = unkept(errno) ?? `can't be kept (${whyOf(refusal)})`;
  const details = isOutOfSpace(errno)
    ? ({ code: 'ERR_SLUICE_NO_SPACE' } as const)
    : ({ code: 'ERR_SLUICE_OPTION', remedy: isMissing(errno) ? 'Make its folder first.' : ownFile } as const);
  return fromErrno(errno, `The journal ${journal} ${why}`, { path: journal, calls: call, ...details });
}

/** What to do where a call finds a limit reached that others have not. */
const limitOf: Readonly<Record<string, string>> = {
  fanotify_init:
    'End other programs that use fanotify, or raise fs.fanotify.max_user_groups (sysctl) and the limit of open files (ulimit -n).',
  fanotify_mark: 'End other programs that use fanotify, or raise fs.fanotify.max_user_marks (sysctl).',
};

/** The error for trees whose observation could not begin. */
export function startFailure(refusal: NativeRootRefusal): SluiceError {
  const { failure, errno, call, root } = refusal;
  const details = { path: root, errno };
  if (refusal.subject === 'journal') return journalFailure(refusal, root);
  if (failure === 'notObservable') return notObservable(refusal);
  if (failure === 'unseen') return unseen(refusal);
  if (call === 'open' && isNoFolder(errno))
    return new SluiceError('ERR_SLUICE_NOT_FOUND', `${root} is no directory`, {
      ...details,
      remedy: 'Name the folder that it is in.',
    });
  if (call === 'open' || call === 'fstat') return readFailure(refusal as NativeFileRefusal, root, root);
  if (call === 'readlink')
    return withoutProc('Files can be named', errno) ?? readFailure(refusal as NativeFileRefusal, root, root);
  const unstarted = setterFailure(refusal);
  if (unstarted) return unstarted;
  const missing = isForbidden(errno) ? missingOf(['CAP_SYS_ADMIN', 'CAP_DAC_READ_SEARCH']) : [];
  if (missing.length > 0) {
    const less = `or do without: ${instead}. With less nothing can be observed`;
    return lacking(missing, 'observe a file system', details, less);
  }
  const why = whyOf(refusal);
  // The kernel says of a user's marks what a full disk is called.
  const isFull = call === 'fanotify_mark' && isOutOfSpace(errno);
  if (failure === 'limit' || isFull || codeFor(errno) === 'ERR_SLUICE_LIMIT') {
    const remedy = limitOf[call];
    return new SluiceError('ERR_SLUICE_LIMIT', `${root} can't be observed (${why})`, {
      ...details,
      ...(remedy && { remedy }),
    });
  }
  if (call === 'fanotify_mark') {
    const reason = `The file system of ${root} does not say which of its files change (${why})`;
    return new SluiceError('ERR_SLUICE_UNSUPPORTED', reason, {
      ...details,
      remedy: `As for it, ${instead}.`,
    });
  }
  return fromErrno(errno, `${root} can't be observed (${why})`, { path: root, calls: call });
}

/** What the observer answers about a file, or throws why it can't. */
export function answered<T>(answer: T | NativeRefusal, path: string): T {
  const refused = answer as NativeRefusal | undefined;
  if (typeof refused === 'object' && 'failure' in refused) throw fileFailure(refused, path);
  return answer as T;
}

/** The error for a file that has no value; undefined where nothing failed. */
export function fileFailure(refusal: NativeRefusal, path: string): SluiceError {
  const { subject, errno, detail, call } = refusal;
  const ended = setterFailure(refusal);
  if (ended) return ended;
  if (subject === 'attribute') return attributeFailure(errno, detail, call);
  return readFailure(refusal as NativeFileRefusal, path, path);
}
