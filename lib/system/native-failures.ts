/** What the failures of the native side mean to the caller: for each of their names a code and a sentence. */

import type { SluiceErrorCode } from '../errors/codes.js';
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

/** @param what names the file, or is the end of a relay that failed */
type Sentence = (what: string, why: string) => string;
type Meaning = readonly [code: SluiceErrorCode, sentence: Sentence, remedy?: string];
type Meanings<Failure extends string> = Readonly<Record<Failure, Meaning>>;

const ofReading: Meanings<NativeFailure> = {
  notFound: ['ERR_SLUICE_NOT_FOUND', (what) => `${what} does not exist`],
  badPath: ['ERR_SLUICE_NOT_FOUND', (what, detail) => `${what} can't be looked up (${detail})`],
  isDirectory: ['ERR_SLUICE_IS_DIRECTORY', (what) => `${what} is a directory`],
  notAFile: ['ERR_SLUICE_NOT_A_FILE', (what, detail) => `${what} is ${detail}, not a regular file`],
  notReadable: ['ERR_SLUICE_BAD_DESCRIPTOR', (what) => `${what} is not open for reading`],
  permission: ['ERR_SLUICE_PERMISSION', (what, detail) => `${what} may not be read by this user (${detail})`],
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

const ofRelay: Meanings<NativeRelayFailure> = {
  badDescriptor: ['ERR_SLUICE_BAD_DESCRIPTOR', () => 'The source or the sink is not an open descriptor'],
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
  disconnected: ['ERR_SLUICE_DISCONNECTED', (end, error) => `The peer of the ${end} is gone (${error})`],
  noSpace: ['ERR_SLUICE_NO_SPACE', (_, error) => `The sink takes no more bytes (${error})`],
  permission: ['ERR_SLUICE_PERMISSION', (_, error) => `What was stored may not be read back (${error})`],
  forbidden: [
    'ERR_SLUICE_PERMISSION',
    (end, error) => `The ${end} may not be ${end === 'source' ? 'read' : 'written'} (${error})`,
  ],
  collided: [
    'ERR_SLUICE_CHANGED',
    (end, error) => `Somebody writes to the ${end} while it is read with O_DIRECT (${error})`,
  ],
  changed: [
    'ERR_SLUICE_CHANGED',
    (detail) => `The sink changed before what was stored could be measured: ${detail}`,
  ],
  io: [
    'ERR_SLUICE_IO',
    (detail, error) => `The relay failed at its ${detail}${error === '' ? '' : ` (${error})`}`,
  ],
  noThread: ['ERR_SLUICE_LIMIT', () => 'No thread can be made to do the work'],
  limit: ['ERR_SLUICE_LIMIT', (_, error) => `The relay could not get what it needs of the system (${error})`],
  kernelStopped: [
    'ERR_SLUICE_KERNEL_ENGINE',
    (detail) => `The kernel engine could not measure what was moved: ${detail}`,
  ],
  aborted: ['ERR_SLUICE_ABORTED', () => 'The relay was abandoned'],
};

/** Of the way to a name, whatever is to be done with what has it. */
const ofTheWay: Meanings<'outside' | 'noRoot' | 'tooLong'> = {
  outside: [
    'ERR_SLUICE_OUTSIDE',
    (what) => `The way to ${what} leads through a symbolic link, or out of the root`,
  ],
  noRoot: [
    'ERR_SLUICE_IO',
    (what, why) => `The root of ${what} could not be opened (${why})`,
    'Make or mount the folder that is served.',
  ],
  tooLong: ['ERR_SLUICE_TOO_LONG', (what) => `The name ${what} is longer than its file system allows`],
};

const ofStoring: Meanings<Exclude<NativeStagingFailure, 'attribute'>> = {
  ...ofTheWay,
  notFound: ['ERR_SLUICE_NO_FOLDER', (what) => `The folder of ${what} does not exist`],
  permission: ['ERR_SLUICE_PERMISSION', (what, why) => `${what} may not be written by this user (${why})`],
  badDescriptor: ['ERR_SLUICE_CLOSED', (what) => `The file staged for ${what} was published or discarded`],
  isDirectory: ['ERR_SLUICE_IS_DIRECTORY', (what) => `${what} is a directory`],
  notAFile: ['ERR_SLUICE_NOT_A_FILE', (what, kind) => `${what} is ${kind}, not a regular file`],
  reserved: [
    'ERR_SLUICE_RESERVED',
    (what) => `${what} has a name of those that files have while they are being stored`,
  ],
  exists: ['ERR_SLUICE_PRECONDITION', (what) => `${what} exists already`],
  differs: ['ERR_SLUICE_PRECONDITION', (what) => `${what} is not the file any more that it was`],
  gone: ['ERR_SLUICE_NOT_FOUND', (what) => `${what} does not exist`],
  otherDevice: [
    'ERR_SLUICE_UNSUPPORTED',
    (what, why) => `${what} can't be moved into another file system (${why})`,
  ],
  busy: ['ERR_SLUICE_BUSY', (what) => `The folder of ${what} is locked by another process`],
  noCondition: [
    'ERR_SLUICE_UNSUPPORTED',
    (what, why) =>
      `The file system of ${what} can't make sure that a file is changed only if it is a certain one (${why})`,
  ],
  noSpace: ['ERR_SLUICE_NO_SPACE', (what, why) => `There is no room for ${what} (${why})`],
  limit: ['ERR_SLUICE_LIMIT', (what, why) => `${what} could not be made (${why})`],
  changed: [
    'ERR_SLUICE_CHANGED',
    (what) => `The file staged for ${what} changed after it was summed, so it was not published`,
  ],
  io: ['ERR_SLUICE_IO', (what, why) => `${what} could not be written (${why})`],
};

/** The system call that failed, and what the system says; or what happened. */
function whyOf({ detail = '', errno }: Partial<NativeRefusal>): string {
  return errno ? `${detail}: ${systemErrorText(errno)}` : detail;
}

/** The error for a file that could not be read; `what` names it in a sentence. */
export function readFailure(
  outcome: Partial<NativeFileRefusal>,
  what: string,
  path: string | undefined,
): SluiceError {
  const [code, sentence] = ofReading[outcome.failure as NativeFailure];
  const { errno = 0, detail: calls } = outcome;
  return fromErrno(errno, sentence(what, whyOf(outcome)), { code, calls, path });
}

/** The system calls that a relay has no way round. */
const mustHave = ['F_GETFL', 'fstat', 'read', 'write', 'dup', 'epoll_create1', 'epoll_ctl'];

/** The error for a relay that failed. */
export function relayFailure(outcome: NativeRelayOutcome): SluiceError {
  const { failure, detail = '', errno = 0, bytes, taken } = outcome;
  const [code, sentence] = ofRelay[failure as NativeRelayFailure];
  const reason = sentence(detail, errno ? systemErrorText(errno) : '');
  return fromErrno(errno, reason, { code, calls: [...mustHave, detail], bytes, taken });
}

/** Those of the native side, for what is stored with a file, and what is kept of the one that it replaces. */
const attributeCalls = ['fsetxattr', 'fgetxattr', 'flistxattr'];

/** The error for a file that could not be staged or published; `path` names its destination. */
export function storeFailure(refusal: NativeStagingRefusal, path: string): SluiceError {
  const { failure, errno, detail } = refusal;
  if (failure === 'attribute') return attributeFailure(errno, detail, attributeCalls);
  // Before Linux 6.10 a file gets its first name by way of its descriptor there.
  const unnamed = detail === 'linkat' ? withoutProc(`${path} can be given its name`, errno) : undefined;
  const [code, sentence, remedy] = ofStoring[failure];
  const why = failure === 'notAFile' ? detail : whyOf(refusal);
  return unnamed ?? fromErrno(errno, sentence(path, why), { code, calls: detail, path, remedy });
}

/** The error for the way to what could not be opened beneath a root; undefined where not the way is what is wrong. */
export function wayFailure(refusal: NativeStagingRefusal, path: string): SluiceError | undefined {
  const { failure } = refusal;
  return failure in ofTheWay ? storeFailure(refusal, path) : undefined;
}
