import { attributeFailure } from '../../errors/attribute-failure.js';
import { SluiceError, type SluiceErrorCode } from '../../errors/errors.js';
import { refusedCall, withoutProc } from '../../errors/policy.js';
import { systemErrorText } from '../../errors/system-error.js';
import type { NativeStagingFailure, NativeStagingRefusal } from '../../native/index.js';

type Sentence = (what: string, detail: string) => string;

/** What the native side's failures mean to the caller. */
const table: Readonly<
  Record<Exclude<NativeStagingFailure, 'attribute'>, readonly [SluiceErrorCode, Sentence]>
> = {
  notFound: ['ERR_SLUICE_NO_FOLDER', (what) => `The folder of ${what} does not exist`],
  permission: ['ERR_SLUICE_PERMISSION', (what, why) => `${what} may not be written by this user (${why})`],
  badDescriptor: ['ERR_SLUICE_CLOSED', (what) => `The file staged for ${what} was published or discarded`],
  isDirectory: ['ERR_SLUICE_IS_DIRECTORY', (what) => `${what} is a directory`],
  notAFile: ['ERR_SLUICE_NOT_A_FILE', (what, kind) => `${what} is ${kind}, not a regular file`],
  outside: [
    'ERR_SLUICE_OUTSIDE',
    (what) => `The way to ${what} leads through a symbolic link, or out of the root`,
  ],
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
  tooLong: ['ERR_SLUICE_TOO_LONG', (what) => `The name ${what} is longer than its file system allows`],
  limit: ['ERR_SLUICE_LIMIT', (what, why) => `${what} could not be made (${why})`],
  changed: [
    'ERR_SLUICE_CHANGED',
    (what) => `The file staged for ${what} changed after it was summed, so it was not published`,
  ],
  io: ['ERR_SLUICE_IO', (what, why) => `${what} could not be written (${why})`],
};

/** Those of the native side, for what is stored with a file, and what is kept of the one that it replaces. */
const attributeCalls = ['fsetxattr', 'fgetxattr', 'flistxattr'];

/** The error for a file that could not be staged or published; `path` names its destination. */
export function failureOf({ failure, errno, detail }: NativeStagingRefusal, path: string): SluiceError {
  if (failure === 'attribute') return attributeFailure(errno, detail, attributeCalls);
  // Before Linux 6.10 a file gets its first name by way of its descriptor there.
  const unnamed = detail === 'linkat' ? withoutProc(`${path} can be given its name`, errno) : undefined;
  const refused = unnamed ?? refusedCall(detail, errno, { path });
  if (refused) return refused;
  const [code, sentence] = table[failure];
  const why = failure === 'notAFile' || errno === 0 ? detail : `${detail}: ${systemErrorText(errno)}`;
  return new SluiceError(code, sentence(path, why), { path, errno: errno || undefined });
}
