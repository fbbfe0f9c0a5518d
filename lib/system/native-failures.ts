/** What the failures of the native side mean to the caller: for each of their names a code and a sentence. */

import type { SluiceErrorCode } from '../errors/codes.js';
import { codeFor, isInUse, meaningOf } from '../errors/errno.js';
import type { SluiceError } from '../errors/errors.js';
import type {
  NativeFailure,
  NativeFileRefusal,
  NativeRefusal,
  NativeRelayFailure,
  NativeRelayOutcome,
  NativeStagingFailure,
  NativeStagingRefusal,
} from '../native/index.js';
import { attributeFailure } from './attribute-failure.js';
import { fromErrno } from './from-errno.js';
import { withoutProc } from './policy.js';
import { systemErrorText } from './system-error.js';

/** @param what names the file, or what of a relay failed: an end, a system call, or what happened */
type Sentence = (what: string, why: string) => string;
type Meaning = readonly [code: SluiceErrorCode, sentence: Sentence, remedy?: string];
type Meanings<Failure extends string> = Readonly<Record<Exclude<Failure, 'systemCall'>, Meaning>>;
/** Of a system call, by the code that its error number stands for. */
type CallMeanings = Readonly<Partial<Record<SluiceErrorCode, Meaning>>>;

const ofReading: Meanings<NativeFailure> = {
  isDirectory: ['ERR_SLUICE_IS_DIRECTORY', (what) => `${what} is a directory`],
  notAFile: ['ERR_SLUICE_NOT_A_FILE', (what, detail) => `${what} is ${detail}, not a regular file`],
  notReadable: ['ERR_SLUICE_BAD_DESCRIPTOR', (what) => `${what} is not open for reading`],
  badDescriptor: ['ERR_SLUICE_BAD_DESCRIPTOR', (what) => `${what} is not open`],
  changed: ['ERR_SLUICE_CHANGED', (what, detail) => `${what} changed while it was read: ${detail}`],
  writer: [
    'ERR_SLUICE_WRITER',
    (what) => `${what} is open for writing, so its bytes may change unnoticed while they are read`,
  ],
  range: ['ERR_SLUICE_RANGE', (what, detail) => `The range asked for of ${what} ${detail}`],
  limit: ['ERR_SLUICE_LIMIT', (what, detail) => `${what} could not be summed (${detail})`],
  io: ['ERR_SLUICE_IO', (what, detail) => `${what} could not be read (${detail})`],
  kernelStopped: [
    'ERR_SLUICE_KERNEL_ENGINE',
    (what, detail) => `The kernel engine could not sum ${what}: ${detail}`,
  ],
  aborted: ['ERR_SLUICE_ABORTED', (what) => `Summing ${what} was abandoned`],
};

const noEnd: Meaning = [
  'ERR_SLUICE_BAD_DESCRIPTOR',
  () => 'The source or the sink is not an open descriptor',
];
const relayLimit: Meaning = [
  'ERR_SLUICE_LIMIT',
  (_, error) => `The relay could not get what it needs of the system (${error})`,
];
const relayFailed: Sentence = (what, error) =>
  `The relay failed at its ${what}${error === '' ? '' : ` (${error})`}`;

const ofRelay: Meanings<NativeRelayFailure> = {
  badDescriptor: noEnd,
  notReadable: ['ERR_SLUICE_BAD_DESCRIPTOR', () => 'The source is not open for reading'],
  notWritable: ['ERR_SLUICE_BAD_DESCRIPTOR', () => 'The sink is not open for writing'],
  isDirectory: ['ERR_SLUICE_IS_DIRECTORY', (end) => `The ${end} is a directory`],
  noOffset: [
    'ERR_SLUICE_OPTION',
    (end) => `The ${end} is a stream, or open for appending, and has no offset to begin at`,
  ],
  notAligned: [
    'ERR_SLUICE_OPTION',
    (end) => `The ${end} is open with O_DIRECT, and takes nothing but whole blocks`,
  ],
  overlap: [
    'ERR_SLUICE_OPTION',
    () =>
      'Source and sink are parts of one file that overlap; give a range and a sinkOffset that keep them apart',
  ],
  truncated: [
    'ERR_SLUICE_TRUNCATED',
    () => 'The source ended before as many bytes had come as were announced',
  ],
  collided: [
    'ERR_SLUICE_CHANGED',
    (end, error) => `Somebody writes to the ${end} while it is read with O_DIRECT (${error})`,
  ],
  changed: [
    'ERR_SLUICE_CHANGED',
    (detail) => `The sink changed before what was stored could be measured: ${detail}`,
  ],
  io: ['ERR_SLUICE_IO', relayFailed],
  limit: relayLimit,
  noThread: ['ERR_SLUICE_LIMIT', () => 'No thread can be made to do the work'],
  kernelStopped: [
    'ERR_SLUICE_KERNEL_ENGINE',
    (detail) => `The kernel engine could not measure what was moved: ${detail}`,
  ],
  aborted: ['ERR_SLUICE_ABORTED', () => 'The relay was abandoned'],
};

const ofRelayCall: CallMeanings = {
  ERR_SLUICE_BAD_DESCRIPTOR: noEnd,
  ERR_SLUICE_DISCONNECTED: [
    'ERR_SLUICE_DISCONNECTED',
    (end, error) => `The peer of the ${end} is gone (${error})`,
  ],
  ERR_SLUICE_NO_SPACE: ['ERR_SLUICE_NO_SPACE', (_, error) => `The sink takes no more bytes (${error})`],
  ERR_SLUICE_PERMISSION: [
    'ERR_SLUICE_PERMISSION',
    (what, error) =>
      what === 'source' || what === 'sink'
        ? `The ${what} may not be ${what === 'source' ? 'read' : 'written'} (${error})`
        : `What was stored may not be read back (${error})`,
  ],
  ERR_SLUICE_LIMIT: relayLimit,
};

const isDirectory: Meaning = ['ERR_SLUICE_IS_DIRECTORY', (what) => `${what} is a directory`];
const inUse: Meaning = [
  'ERR_SLUICE_NOT_A_FILE',
  (what, why) => `Something is mounted on ${what}, or the file system holds it in use (${why})`,
  'Unmount it, or choose another name.',
];
const missing: Meaning = ['ERR_SLUICE_NOT_FOUND', (what) => `${what} does not exist`];
const noCondition: Meaning = [
  'ERR_SLUICE_UNSUPPORTED',
  (what, why) =>
    `The file system of ${what} can't make sure that a file is changed only if it is a certain one (${why})`,
];
const storeLimit: Meaning = ['ERR_SLUICE_LIMIT', (what, why) => `${what} could not be made (${why})`];
const notWritten: Sentence = (what, why) => `${what} could not be written (${why})`;

const ofStoring: Meanings<NativeStagingFailure> = {
  isDirectory,
  notAFile: ['ERR_SLUICE_NOT_A_FILE', (what, kind) => `${what} is ${kind}, not a regular file`],
  noRoot: [
    'ERR_SLUICE_IO',
    (root, why) => `The root ${root} could not be opened (${why})`,
    'Make or mount that folder.',
  ],
  reserved: [
    'ERR_SLUICE_RESERVED',
    (what) => `${what} has a name of those that files have while they are being stored`,
  ],
  exists: ['ERR_SLUICE_PRECONDITION', (what) => `${what} exists already`],
  differs: ['ERR_SLUICE_PRECONDITION', (what) => `${what} is not the file any more that it was`],
  otherDevice: [
    'ERR_SLUICE_UNSUPPORTED',
    (what, why) => `${what} can't be moved into another file system (${why})`,
  ],
  busy: ['ERR_SLUICE_BUSY', (what) => `The folder of ${what} is locked by another process`],
  noCondition,
  limit: storeLimit,
  changed: [
    'ERR_SLUICE_CHANGED',
    (what) => `The file staged for ${what} changed after it was summed, so it was not published`,
  ],
  io: ['ERR_SLUICE_IO', notWritten],
};

const ofStoringCall: CallMeanings = {
  ERR_SLUICE_NOT_FOUND: ['ERR_SLUICE_NO_FOLDER', (what) => `The folder of ${what} does not exist`],
  ERR_SLUICE_PERMISSION: [
    'ERR_SLUICE_PERMISSION',
    (what, why) => `${what} may not be written by this user (${why})`,
  ],
  ERR_SLUICE_BAD_DESCRIPTOR: [
    'ERR_SLUICE_CLOSED',
    (what) => `The file staged for ${what} was published or discarded`,
  ],
  ERR_SLUICE_IS_DIRECTORY: isDirectory,
  ERR_SLUICE_OUTSIDE: [
    'ERR_SLUICE_OUTSIDE',
    (what) => `The way to ${what} leads through a symbolic link, or out of the root`,
  ],
  ERR_SLUICE_UNSUPPORTED: noCondition,
  ERR_SLUICE_NO_SPACE: ['ERR_SLUICE_NO_SPACE', (what, why) => `There is no room for ${what} (${why})`],
  ERR_SLUICE_TOO_LONG: [
    'ERR_SLUICE_TOO_LONG',
    (what) => `The name ${what} is longer than its file system allows`,
  ],
  ERR_SLUICE_LIMIT: storeLimit,
};

/** The system call that failed, and what the system says; or what happened. */
export function whyOf({ call, detail = '', errno }: Partial<NativeRefusal>): string {
  const what = call || detail;
  return errno ? `${what}: ${systemErrorText(errno)}` : what;
}

/** The error for a file that could not be read; `what` names it in a sentence. */
export function readFailure(
  refusal: Partial<NativeFileRefusal>,
  what: string,
  path: string | undefined,
): SluiceError {
  const { failure, errno = 0, call } = refusal;
  const why = whyOf(refusal);
  if (failure === 'systemCall') {
    const { said = `could not be read (${why})` } = meaningOf(errno);
    return fromErrno(errno, `${what} ${said}`, { calls: call, path });
  }
  const [code, sentence] = ofReading[failure as Exclude<NativeFailure, 'systemCall'>];
  return fromErrno(errno, sentence(what, why), { code, path });
}

/** The system calls that a relay has no way round. */
const mustHave = ['F_GETFL', 'fstat', 'read', 'write', 'dup', 'epoll_create1', 'epoll_ctl'];

/** The error for a relay that failed. */
export function relayFailure(outcome: NativeRelayOutcome): SluiceError {
  const { failure, call = '', detail = '', subject = 'file', errno = 0, bytes, taken } = outcome;
  const isEnd = subject === 'source' || subject === 'sink';
  const meant = codeFor(errno, isEnd ? 'end' : subject);
  const [code, sentence] =
    failure === 'systemCall'
      ? (ofRelayCall[meant] ?? [meant, relayFailed])
      : ofRelay[failure as Exclude<NativeRelayFailure, 'systemCall'>];
  const reason = sentence(isEnd ? subject : call || detail, errno ? systemErrorText(errno) : '');
  return fromErrno(errno, reason, { code, calls: [...mustHave, call], bytes, taken });
}

interface StoreFailureDetails {
  /** Beneath which the path leads. */
  root?: string;
  /** What is not there if the path leads to nothing: its folder, which is the default, or the file itself. */
  absent?: 'folder' | 'file';
  /** Where a file was to be moved. */
  dest?: string | undefined;
}

/**
 * The error for a file that could not be staged, published, moved or removed.
 *
 * @param path names its destination, or the file that was to be moved or removed
 */
export function storeFailure(
  refusal: NativeStagingRefusal,
  path: string,
  { root = path, absent = 'folder', dest }: StoreFailureDetails = {},
): SluiceError {
  const { failure, errno, call, subject, detail } = refusal;
  if (subject === 'attribute') return attributeFailure(errno, detail, call);
  // Before Linux 6.10 a file gets its first name by way of its descriptor there.
  const unnamed = call === 'linkat' ? withoutProc(`${path} can be given its name`, errno) : undefined;
  if (unnamed) return unnamed;
  const why = failure === 'notAFile' ? detail : whyOf(refusal);
  const meant = codeFor(errno, subject === 'lock' ? 'lock' : 'place');
  const meaning =
    failure !== 'systemCall'
      ? ofStoring[failure]
      : isInUse(errno)
        ? inUse
        : meant === 'ERR_SLUICE_NOT_FOUND' && absent === 'file'
          ? missing
          : (ofStoringCall[meant] ?? [meant, notWritten]);
  const [code, sentence, remedy] = meaning;
  const named = failure === 'noRoot' ? root : path;
  // Of two names the kernel does not say which one is in use.
  const what = meaning === inUse && dest !== undefined ? `${named} or ${dest}` : named;
  // Who answers by the number would take a root that is gone for a file that is not there.
  const number = failure === 'noRoot' ? 0 : errno;
  return fromErrno(number, sentence(what, why), { code, calls: call, path: named, dest, remedy });
}

/** The error for the way to what could not be opened beneath a root; undefined where not the way is what is wrong. */
export function wayFailure(
  refusal: NativeStagingRefusal,
  { root, path }: { root: string; path: string },
): SluiceError | undefined {
  const { failure, errno } = refusal;
  const meant = failure === 'systemCall' ? codeFor(errno, 'place') : undefined;
  const isTheWay = failure === 'noRoot' || meant === 'ERR_SLUICE_OUTSIDE' || meant === 'ERR_SLUICE_TOO_LONG';
  return isTheWay ? storeFailure(refusal, path, { root }) : undefined;
}
