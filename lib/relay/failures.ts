import { SluiceError, type SluiceErrorCode } from '../errors/errors.js';
import { refusedCall } from '../errors/policy.js';
import { systemErrorText } from '../errors/system-error.js';
import type { NativeRelayFailure, NativeRelayOutcome } from '../native/index.js';

type Sentence = (detail: string, error: string) => string;

/** What the native side's failures mean to the caller. */
const table: Readonly<Record<NativeRelayFailure, readonly [SluiceErrorCode, Sentence]>> = {
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
      'Source and sink are parts of one file that overlap; give a length and offsets that keep them apart',
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

/** The system calls that a relay has no way round. */
const mustHave = ['F_GETFL', 'fstat', 'read', 'write', 'dup', 'epoll_create1', 'epoll_ctl'];

/** The error for a relay that failed. */
export function failureOf({ failure, detail, errno, bytes, taken }: NativeRelayOutcome): SluiceError {
  const refused = refusedCall([...mustHave, ...(detail === undefined ? [] : [detail])], errno, {
    bytes,
    taken,
  });
  if (refused) return refused;
  const [code, sentence] = table[failure as NativeRelayFailure];
  return new SluiceError(code, sentence(detail ?? '', errno ? systemErrorText(errno) : ''), {
    errno: errno || undefined,
    bytes,
    taken,
  });
}
