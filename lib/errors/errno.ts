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
  EBUSY,
  ECONNABORTED,
  ECONNRESET,
  EDQUOT,
  EEXIST,
  EFBIG,
  EHOSTUNREACH,
  EINVAL,
  EISDIR,
  ELOOP,
  EMFILE,
  EMLINK,
  ENAMETOOLONG,
  ENETUNREACH,
  ENFILE,
  ENODATA,
  ENOENT,
  ENOLCK,
  ENOMEM,
  ENOSPC,
  ENOSYS,
  ENOTCONN,
  ENOTDIR,
  ENOTEMPTY,
  ENOTSUP,
  ENXIO,
  EPERM,
  EPIPE,
  ERANGE,
  EROFS,
  ESRCH,
  ETIMEDOUT,
  EXDEV,
} = constants.errno;
/** Node has no names for these, of encrypted folders. */
const ENOKEY = 126;
const EKEYEXPIRED = 127;
const EKEYREVOKED = 128;

/** What Node has no words for, or those of sockets alone. */
export const ownWords: ReadonlyMap<number, readonly [name: string, text: string]> = new Map([
  [ENOTSUP, ['ENOTSUP', 'operation not supported']],
  // The kernel's own, which it should not let out, and bpf(2) does: of what a kind of map has no operation for.
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
/** Something is mounted on the name, or the file system is at work on what has it. */
export const isInUse: Test = isOneOf(EBUSY);

/** The owner, the mode or an access list does not allow it. */
export const isDenied: Test = isOneOf(EACCES);
/** It takes a privilege, or a policy forbids it. */
export const isForbidden: Test = isOneOf(EPERM);
/** This user may not. */
export const isRefused: Test = isOneOf(EACCES, EPERM);

/** No more files can be opened, by the process or on the system. */
export const isOutOfDescriptors: Test = isOneOf(EMFILE, ENFILE);
/** Descriptors or memory are short, which passes. */
export const isShortage: Test = isOneOf(EMFILE, ENFILE, ENOMEM);
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
/**
 * What a failed call was about: a file that a caller named or holds open, a name in a folder and perhaps beneath a root, the
 * lock of a folder, an end of a relay, an extended attribute, an observer's journal, bpf(2) as such, the kernel engine that
 * is made of it.
 */
type Subject = 'file' | 'place' | 'lock' | 'end' | 'attribute' | 'journal' | 'bpf' | 'engine';

/** What a number means of these that has no meaning of its own there. */
const otherwise: Readonly<Partial<Record<Subject, SluiceErrorCode>>> = {
  bpf: 'ERR_SLUICE_BPF',
  engine: 'ERR_SLUICE_KERNEL_ENGINE',
};

interface Meaning {
  readonly code: SluiceErrorCode;
  /** What is said of a file that could not be opened or read, after its name. */
  readonly said?: string;
}

/** What a number means, and of what it means something else. */
type Row = Meaning & Partial<Readonly<Record<Exclude<Subject, 'file'>, SluiceErrorCode>>>;

const io: Row = { code: 'ERR_SLUICE_IO' };
const missing: Row = { code: 'ERR_SLUICE_NOT_FOUND', said: 'does not exist' };
const denied: Row = { code: 'ERR_SLUICE_PERMISSION', said: 'may not be read by this user' };
const noDescriptor: Row = { code: 'ERR_SLUICE_LIMIT', bpf: 'ERR_SLUICE_LIMIT', engine: 'ERR_SLUICE_LIMIT' };
const full: Row = { code: 'ERR_SLUICE_NO_SPACE' };
const gone: Row = { ...io, end: 'ERR_SLUICE_DISCONNECTED' };
const noLocks: Row = { ...io, lock: 'ERR_SLUICE_UNSUPPORTED' };

const meanings: ReadonlyMap<number, Row> = new Map<number, Row>([
  [ENOENT, missing],
  [ENOTDIR, missing],
  [
    ENAMETOOLONG,
    {
      code: 'ERR_SLUICE_NOT_FOUND',
      said: "can't be looked up (its name is too long)",
      place: 'ERR_SLUICE_TOO_LONG',
    },
  ],
  [
    ELOOP,
    {
      code: 'ERR_SLUICE_NOT_FOUND',
      said: "can't be looked up (too many symbolic links)",
      place: 'ERR_SLUICE_OUTSIDE',
    },
  ],
  [EXDEV, { ...io, place: 'ERR_SLUICE_OUTSIDE' }],
  [EISDIR, { code: 'ERR_SLUICE_IS_DIRECTORY', said: 'is a directory' }],
  [ENOTEMPTY, { code: 'ERR_SLUICE_IS_DIRECTORY' }],
  [
    ENXIO,
    {
      code: 'ERR_SLUICE_NOT_A_FILE',
      said: 'is a socket, or a device that is not there, not a regular file',
      end: 'ERR_SLUICE_IO',
    },
  ],
  [EACCES, denied],
  [EPERM, denied],
  [EROFS, { code: 'ERR_SLUICE_PERMISSION' }],
  [ENOKEY, { code: 'ERR_SLUICE_PERMISSION', said: 'is encrypted, and its key is not there' }],
  [EKEYEXPIRED, { code: 'ERR_SLUICE_PERMISSION', said: 'is encrypted, and its key has expired' }],
  [EKEYREVOKED, { code: 'ERR_SLUICE_PERMISSION', said: 'is encrypted, and its key has been revoked' }],
  // NFS wants for a lock a descriptor that is open for writing, which a folder's can't be.
  [
    EBADF,
    {
      code: 'ERR_SLUICE_BAD_DESCRIPTOR',
      said: 'is not open for reading', // closed, or for writing only
      lock: 'ERR_SLUICE_UNSUPPORTED',
    },
  ],
  [EMFILE, noDescriptor],
  [ENFILE, noDescriptor],
  // bpf(2) says it also of what is too large for it at any time.
  [ENOMEM, { code: 'ERR_SLUICE_LIMIT', engine: 'ERR_SLUICE_LIMIT' }],
  [EAGAIN, { ...io, engine: 'ERR_SLUICE_LIMIT' }],
  [ENOSPC, full],
  [EDQUOT, full],
  [EFBIG, full],
  [EMLINK, full],
  [EPIPE, gone],
  [ECONNRESET, gone],
  [ECONNABORTED, gone],
  [ENOTCONN, gone],
  [ETIMEDOUT, gone],
  [EHOSTUNREACH, gone],
  [ENETUNREACH, gone],
  [EINVAL, noLocks],
  [ENOLCK, noLocks],
  [ENOSYS, noLocks],
  [ENOTSUP, { ...noLocks, attribute: 'ERR_SLUICE_NO_ATTRIBUTES' }],
  [E2BIG, { ...io, attribute: 'ERR_SLUICE_NO_SPACE' }],
  [ERANGE, { ...io, attribute: 'ERR_SLUICE_OPTION' }],
]);

/** What a failure means, of a file if nothing else is said. */
export function meaningOf(failure: unknown, subject: Subject = 'file'): Meaning {
  const row = meanings.get(errnoOf(failure) ?? 0) ?? io;
  const other = subject === 'file' ? undefined : (row[subject] ?? otherwise[subject]);
  return other === undefined ? row : { code: other };
}

export function codeFor(failure: unknown, subject?: Subject): SluiceErrorCode {
  return meaningOf(failure, subject).code;
}
