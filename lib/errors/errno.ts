/**
 * What the system's error numbers mean, in plain words: nowhere else do their names stand. A failure is what `node:fs`
 * threw, an error number, or a status of the native side, which is such a number below zero.
 */

import { constants } from 'node:os';
import type { SluiceErrorCode } from './codes.js';

const {
  E2BIG,
  EACCES,
  EAGAIN,
  EBADF,
  EDQUOT,
  EEXIST,
  EFBIG,
  EINVAL,
  EISDIR,
  ELOOP,
  EMFILE,
  ENAMETOOLONG,
  ENFILE,
  ENODATA,
  ENOENT,
  ENOMEM,
  ENOSPC,
  ENOTDIR,
  ENOTSUP,
  ENXIO,
  EPERM,
  EPIPE,
  ERANGE,
  EROFS,
  ESRCH,
} = constants.errno;
/** Node has no name for it. */
const ENOKEY = 126;

/** The kernel's own, which it should not let out, and bpf(2) does: of what a kind of map has no operation for. */
export const kernelOnly: ReadonlyMap<number, readonly [name: string, text: string]> = new Map([
  [524, ['ENOTSUPP', 'operation is not supported']],
]);

/** The error number of a failure. A SluiceError has none here: its code says more. */
export function errnoOf(failure: unknown): number | undefined {
  if (typeof failure === 'number') return Math.abs(failure);
  const { errno, code = '' } = (failure ?? {}) as NodeJS.ErrnoException;
  if (typeof errno === 'number' && errno < 0) return -errno;
  return (constants.errno as Readonly<Record<string, number>>)[code];
}

type Test = (failure: unknown) => boolean;

function isOneOf(...numbers: readonly number[]): Test {
  return (failure) => numbers.includes(errnoOf(failure) ?? 0);
}

/** The name is not there. */
export const isMissing: Test = isOneOf(ENOENT);
/** What should be a folder, at the end of a path or on the way, is none. */
export const isNoFolder: Test = isOneOf(ENOTDIR);
/** A path leads to nothing: a name is missing, a folder on the way is none, a link is not followed. */
export const leadsNowhere: Test = isOneOf(ENOENT, ENOTDIR, ELOOP);
/** A symbolic link that is not followed, or too many of them. */
export const isLink: Test = isOneOf(ELOOP);
/** A path, or a name in it, is longer than the file system allows. */
export const isTooLong: Test = isOneOf(ENAMETOOLONG);
/** There is something of that name. */
export const isThere: Test = isOneOf(EEXIST);

/** The owner, the mode or an access list does not allow it. */
export const isDenied: Test = isOneOf(EACCES);
/** It takes a privilege, or a policy forbids it. */
export const isForbidden: Test = isOneOf(EPERM);
/** This user may not. */
export const isRefused: Test = isOneOf(EACCES, EPERM);

/** No more files can be opened, by the process or on the system. */
export const isOutOfDescriptors: Test = isOneOf(EMFILE, ENFILE);
/** Too little of something is left now, and later there may be enough. */
export const isShortage: Test = isOneOf(EMFILE, ENFILE, ENOMEM, EAGAIN);
/** The disk is full, or a quota or a limit of size is reached. */
export const isOutOfSpace: Test = isOneOf(ENOSPC, EDQUOT, EFBIG);

/** It would have had to wait: of a file opened with O_NONBLOCK, for the holder of a lease on it. */
export const wouldWait: Test = isOneOf(EAGAIN);
/** The reader of a pipe has gone. */
export const hasNoReader: Test = isOneOf(EPIPE);

/** The kernel knows no program, hook or symbol of that kind. */
export const isUnknown: Test = isOneOf(EINVAL, ENOENT, ESRCH, ENOTSUP);
/** What libbpf says of types that go round in a circle. */
export const circular: number = ELOOP;

/** There is no attribute of that name. */
export const hasNoAttribute: Test = isOneOf(ENODATA);
/** The file system keeps no attributes of that kind. */
export const keepsNoAttributes: Test = isOneOf(ENOTSUP);
/** An attribute is larger than there is room for. */
export const isTooLarge: Test = isOneOf(E2BIG);
/** The name of an attribute is empty, or longer than 255 bytes. */
export const isBadName: Test = isOneOf(ERANGE);

type Saying = readonly [code: SluiceErrorCode, said?: string];

const denied: Saying = ['ERR_SLUICE_PERMISSION', 'may not be read by this user'];
const full: Saying = ['ERR_SLUICE_NO_SPACE'];

const sayings: ReadonlyMap<number, Saying> = new Map<number, Saying>([
  [ENOENT, ['ERR_SLUICE_NOT_FOUND', 'does not exist']],
  [ENOTDIR, ['ERR_SLUICE_NOT_FOUND', 'does not exist']],
  [ENAMETOOLONG, ['ERR_SLUICE_NOT_FOUND', "can't be looked up (its name is too long)"]],
  [ELOOP, ['ERR_SLUICE_NOT_FOUND', "can't be looked up (too many symbolic links)"]],
  [EISDIR, ['ERR_SLUICE_IS_DIRECTORY', 'is a directory']],
  [ENXIO, ['ERR_SLUICE_NOT_A_FILE', 'is a socket, or a device that is not there, not a regular file']],
  [EACCES, denied],
  [EPERM, denied],
  [EROFS, ['ERR_SLUICE_PERMISSION']],
  [ENOKEY, ['ERR_SLUICE_PERMISSION', 'is encrypted, and its key is not there']],
  [EBADF, ['ERR_SLUICE_BAD_DESCRIPTOR', 'is closed (bad file descriptor)']],
  [EMFILE, ['ERR_SLUICE_LIMIT', 'could not be opened (too many open files)']],
  [ENFILE, ['ERR_SLUICE_LIMIT', 'could not be opened (too many open files in the system)']],
  [ENOMEM, ['ERR_SLUICE_LIMIT', 'could not be opened (too little memory)']],
  [ENOSPC, full],
  [EDQUOT, full],
  [EFBIG, full],
]);

/** The code for what failed so, and what is said of a file that could not be opened or read, after its name. */
export function sayingOf(failure: unknown): Saying {
  return sayings.get(errnoOf(failure) ?? 0) ?? ['ERR_SLUICE_IO'];
}

export function codeFor(failure: unknown): SluiceErrorCode {
  return sayingOf(failure)[0];
}
