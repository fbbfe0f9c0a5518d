/**
 * Everything that can go wrong, in one table: the code that programs match, the exit status of the command line, and
 * the two sentences that a person reads (what happened and why; what to do).
 */

interface Entry {
  /** Exit status of the command line when this ends it. Failures of single files are 1, as in coreutils. */
  readonly exit: number;
  /** What to do. */
  readonly remedy: string;
}

export type SluiceErrorCode =
  | 'ERR_SLUICE_NOT_FOUND'
  | 'ERR_SLUICE_IS_DIRECTORY'
  | 'ERR_SLUICE_NOT_A_FILE'
  | 'ERR_SLUICE_PERMISSION'
  | 'ERR_SLUICE_BAD_DESCRIPTOR'
  | 'ERR_SLUICE_CHANGED'
  | 'ERR_SLUICE_WRITER'
  | 'ERR_SLUICE_RANGE'
  | 'ERR_SLUICE_LIMIT'
  | 'ERR_SLUICE_IO'
  | 'ERR_SLUICE_SANDBOX'
  | 'ERR_SLUICE_TRUNCATED'
  | 'ERR_SLUICE_DISCONNECTED'
  | 'ERR_SLUICE_NO_SPACE'
  | 'ERR_SLUICE_NO_ATTRIBUTES'
  | 'ERR_SLUICE_TIMEOUT'
  | 'ERR_SLUICE_NO_FOLDER'
  | 'ERR_SLUICE_OUTSIDE'
  | 'ERR_SLUICE_TOO_LONG'
  | 'ERR_SLUICE_RESERVED'
  | 'ERR_SLUICE_PRECONDITION'
  | 'ERR_SLUICE_BUSY'
  | 'ERR_SLUICE_UNSUPPORTED'
  | 'ERR_SLUICE_ALGORITHM'
  | 'ERR_SLUICE_OPTION'
  | 'ERR_SLUICE_NAME'
  | 'ERR_SLUICE_NO_CAPABILITY'
  | 'ERR_SLUICE_STILL_PRIVILEGED'
  | 'ERR_SLUICE_KERNEL_ENGINE'
  | 'ERR_SLUICE_VERIFIER'
  | 'ERR_SLUICE_BPF'
  | 'ERR_SLUICE_VALUE'
  | 'ERR_SLUICE_CLOSED'
  | 'ERR_SLUICE_NO_BINARY'
  | 'ERR_SLUICE_FIELD'
  | 'ERR_SLUICE_TARGET'
  | 'ERR_SLUICE_BODY'
  | 'ERR_SLUICE_TOO_LARGE'
  | 'ERR_SLUICE_MISMATCH'
  | 'ERR_SLUICE_CORRUPT'
  | 'ERR_SLUICE_ABORTED';

const table: Readonly<Record<SluiceErrorCode, Entry>> = {
  ERR_SLUICE_NOT_FOUND: { exit: 1, remedy: 'Check the path.' },
  ERR_SLUICE_IS_DIRECTORY: { exit: 1, remedy: 'Name the files in it.' },
  ERR_SLUICE_NOT_A_FILE: {
    exit: 1,
    remedy:
      'Name a regular file: only those can be read twice and checked for changes. For a stream there is ChecksumStream, and `sluice sum -`.',
  },
  ERR_SLUICE_PERMISSION: { exit: 1, remedy: 'Run as a user who may do that to it.' },
  ERR_SLUICE_BAD_DESCRIPTOR: {
    exit: 1,
    remedy: 'Pass a descriptor that is open for what is to be done with it.',
  },
  ERR_SLUICE_CHANGED: { exit: 1, remedy: 'Sum it again once nobody writes to it.' },
  ERR_SLUICE_WRITER: { exit: 1, remedy: 'Wait until the writer has closed it, then sum it.' },
  ERR_SLUICE_RANGE: { exit: 1, remedy: 'Give a range that lies within the file.' },
  ERR_SLUICE_LIMIT: {
    exit: 1,
    remedy:
      'Raise the limit (ulimit -n, -u and -v; systemd: LimitNOFILE, TasksMax and MemoryMax), or do less at once.',
  },
  ERR_SLUICE_IO: { exit: 1, remedy: 'Check the device and the file system (dmesg).' },
  ERR_SLUICE_SANDBOX: {
    exit: 1,
    remedy: 'Allow what the message names where the process is started.',
  },
  ERR_SLUICE_TRUNCATED: { exit: 1, remedy: 'Send it again, whole.' },
  ERR_SLUICE_DISCONNECTED: { exit: 1, remedy: 'Connect again and send it from the beginning.' },
  ERR_SLUICE_NO_SPACE: { exit: 1, remedy: 'Free some space or quota, or store it elsewhere.' },
  ERR_SLUICE_NO_ATTRIBUTES: {
    exit: 1,
    remedy:
      'Use a file system that keeps user attributes (ext4, xfs, btrfs; tmpfs since Linux 6.6), or keep the checksums in a list.',
  },
  ERR_SLUICE_TIMEOUT: { exit: 1, remedy: 'Look at the peer and the network, or allow more time.' },
  ERR_SLUICE_NO_FOLDER: { exit: 1, remedy: 'Make the folder first, or check the path.' },
  ERR_SLUICE_OUTSIDE: {
    exit: 1,
    remedy: 'Name a file beneath the root, by a path without symbolic links and without `..`.',
  },
  ERR_SLUICE_TOO_LONG: { exit: 1, remedy: 'Choose a shorter name.' },
  ERR_SLUICE_RESERVED: { exit: 1, remedy: 'Choose a name that is not .sluice- and digits.' },
  ERR_SLUICE_PRECONDITION: { exit: 1, remedy: 'Look at what is there now, and decide anew.' },
  ERR_SLUICE_BUSY: { exit: 1, remedy: 'Try it again; lslocks shows who holds the lock.' },
  ERR_SLUICE_UNSUPPORTED: { exit: 1, remedy: 'Do without it, or ask for the whole file, as it is.' },
  ERR_SLUICE_ALGORITHM: { exit: 2, remedy: 'Use one of adler32, crc32, crc32c, crc64nvme.' },
  ERR_SLUICE_OPTION: { exit: 2, remedy: 'See the documentation of the call, or --help.' },
  ERR_SLUICE_NAME: {
    exit: 2,
    remedy: 'Give it a name in UTF-8 (mv, convmv), or leave it to `sluice verify` and its folder.',
  },
  ERR_SLUICE_NO_CAPABILITY: {
    exit: 3,
    remedy:
      'Grant the capabilities that the message names (systemd: AmbientCapabilities=; or run as root), or use the user-space engine.',
  },
  ERR_SLUICE_STILL_PRIVILEGED: {
    exit: 3,
    remedy:
      'End the process; start it without these capabilities (user space serves then), or where capset(2) is allowed.',
  },
  ERR_SLUICE_KERNEL_ENGINE: {
    exit: 3,
    remedy: 'Use the user-space engine; `sluice probe` shows what is missing.',
  },
  ERR_SLUICE_VERIFIER: {
    exit: 3,
    remedy:
      'Its log is the property `log` of this error. If the program is one of this package, use the user-space engine and report it.',
  },
  ERR_SLUICE_BPF: {
    exit: 3,
    remedy: "The property `errno` has the system's error number; `log` has what libbpf printed.",
  },
  ERR_SLUICE_VALUE: {
    exit: 2,
    remedy: 'Give a value, or a codec, of the size and type that the map or variable has.',
  },
  ERR_SLUICE_CLOSED: { exit: 2, remedy: 'Use it before it is closed, or open it again.' },
  ERR_SLUICE_NO_BINARY: {
    exit: 3,
    remedy: 'Build it in a clone of the sources: npm run setup && npm run build',
  },
  ERR_SLUICE_FIELD: { exit: 2, remedy: 'Send the field once, in the form that its specification gives.' },
  ERR_SLUICE_TARGET: {
    exit: 2,
    remedy: 'Encode each name in the path as UTF-8, with a percent sign before what URLs do not have.',
  },
  ERR_SLUICE_BODY: { exit: 1, remedy: 'Send it again, whole.' },
  ERR_SLUICE_TOO_LARGE: { exit: 1, remedy: 'Send it in parts, as files of their own.' },
  ERR_SLUICE_MISMATCH: {
    exit: 1,
    remedy: 'Send it again; if that does not help, sum the original anew.',
  },
  ERR_SLUICE_CORRUPT: {
    exit: 1,
    remedy:
      'Restore the file from another copy, and check the disk. If its bytes are right as they are, set its checksums anew: `sluice attr set --replace-rot`.',
  },
  ERR_SLUICE_ABORTED: { exit: 130, remedy: 'Start it again.' },
};

export interface SluiceErrorDetails {
  /** The file concerned. */
  path?: string | undefined;
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
    const remedy = details.remedy ?? table[code].remedy;
    super(`${reason}. ${remedy}`, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.reason = reason;
    this.remedy = remedy;
    this.exitStatus = table[code].exit;
    this.path = details.path;
    this.field = details.field;
    this.attribute = details.attribute;
    this.errno = details.errno;
    this.log = details.log;
    this.bytes = details.bytes;
    this.taken = details.taken;
    this.repeated = details.repeated;
  }
}
