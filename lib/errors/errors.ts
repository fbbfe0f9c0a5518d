import { codes, type SluiceErrorCode } from './codes.js';

export type { SluiceErrorCode } from './codes.js';

export interface SluiceErrorDetails {
  /** The file concerned. */
  path?: string | undefined;
  /** The file that was to be made of it, where there are two. */
  dest?: string | undefined;
  /** The field of an HTTP message that states what is wrong, or is wrong itself. */
  field?: string | undefined;
  /** The extended attribute that could not be read or changed. */
  attribute?: string | undefined;
  /** The system's error number, where a system call failed. */
  errno?: number | undefined;
  /** What the kernel's verifier said. */
  log?: string | undefined;
  /** How many bytes had reached the sink when a relay failed. */
  bytes?: number | undefined;
  /** How many it had taken from its source, if it was to move a certain number. */
  taken?: number | undefined;
  /** Whether the same was thrown before of the same thing, and who runs the server has heard of it. */
  repeated?: boolean | undefined;
  /** What to do, where more is known than the code says. */
  remedy?: string | undefined;
  cause?: unknown;
}

/** The only kind of error that this package throws for reasons outside the program that calls it. */
export class SluiceError extends Error {
  override readonly name = 'SluiceError';
  readonly code: SluiceErrorCode;
  /** What happened and why: `message` without the remedy, and without a full stop at its end. */
  readonly reason: string;
  /** What to do about it: the end of `message`. */
  readonly remedy: string;
  /** Exit status for a command that ends with this error. */
  readonly exitStatus: number;
  readonly path: string | undefined;
  readonly dest: string | undefined;
  readonly field: string | undefined;
  readonly attribute: string | undefined;
  readonly errno: number | undefined;
  readonly log: string | undefined;
  readonly bytes: number | undefined;
  readonly taken: number | undefined;
  /** Whether the same was thrown before of the same thing, and who runs the server has heard of it. */
  readonly repeated: boolean | undefined;

  /** @param reason without a full stop */
  constructor(code: SluiceErrorCode, reason: string, details: SluiceErrorDetails = {}) {
    const remedy = details.remedy ?? codes[code].remedy;
    super(`${reason}. ${remedy}`, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.reason = reason;
    this.remedy = remedy;
    this.exitStatus = codes[code].exit;
    this.path = details.path;
    this.dest = details.dest;
    this.field = details.field;
    this.attribute = details.attribute;
    this.errno = details.errno;
    this.log = details.log;
    this.bytes = details.bytes;
    this.taken = details.taken;
    this.repeated = details.repeated;
  }
}

/** Whether it is about one file, so that others can be gone on with: such errors have the exit status 1 in the table. */
export function concernsOneFile(error: unknown): error is SluiceError {
  return error instanceof SluiceError && codes[error.code].exit === 1;
}
