import { SluiceError, type SluiceErrorCode } from '../errors/errors.js';
import { refusedCall } from '../errors/policy.js';
import { systemErrorText } from '../errors/system-error.js';
import type { NativeFailure, NativeFileRefusal } from '../native/index.js';

type Sentence = (what: string, detail: string) => string;

/** What the native side's failures mean to the caller. */
const table: Readonly<Record<NativeFailure, readonly [SluiceErrorCode, Sentence]>> = {
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

/** The error for a job that failed; `what` names the file in a sentence. */
export function failureOf(
  outcome: Partial<NativeFileRefusal>,
  what: string,
  path: string | undefined,
): SluiceError {
  const [code, sentence] = table[outcome.failure as NativeFailure];
  const { detail = '', errno } = outcome;
  const refused = refusedCall(detail, errno, { path });
  if (refused) return refused;
  const why = errno ? `${detail}: ${systemErrorText(errno)}` : detail;
  return new SluiceError(code, sentence(what, why), { path, errno: errno || undefined });
}
