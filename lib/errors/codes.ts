/**
 * Everything that can go wrong, in one table: the code that programs match, what to do about it, the exit status of the
 * command line, and the answer of a server.
 */

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

/** Of Amazon's list of errors, the one that a client of S3 understands. */
export type S3Code =
  | 'AccessDenied'
  | 'BadDigest'
  | 'EntityTooLarge'
  | 'IncompleteBody'
  | 'InsufficientStorage'
  | 'InvalidArgument'
  | 'InvalidBucketState'
  | 'InvalidRange'
  | 'InvalidURI'
  | 'KeyTooLongError'
  | 'NoSuchKey'
  | 'NotImplemented'
  | 'OperationAborted'
  | 'PreconditionFailed'
  | 'RequestTimeout'
  | 'SlowDown';

interface Meaning {
  /** Exit status of the command line when this ends it. Failures of single files are 1, as in coreutils. */
  readonly exit: number;
  /** Status of HTTP, of what a request can cause. Default: 500, the server's own trouble. */
  readonly http?: number;
  /** Default: InternalError. */
  readonly s3?: S3Code;
  /** What to do. */
  readonly remedy: string;
}

export const codes: Readonly<Record<SluiceErrorCode, Meaning>> = {
  ERR_SLUICE_NOT_FOUND: { exit: 1, http: 404, s3: 'NoSuchKey', remedy: 'Check the path.' },
  ERR_SLUICE_IS_DIRECTORY: { exit: 1, http: 409, s3: 'InvalidBucketState', remedy: 'Name the files in it.' },
  ERR_SLUICE_NOT_A_FILE: {
    exit: 1,
    http: 409,
    s3: 'InvalidBucketState',
    remedy:
      'Name a regular file: only those can be read twice and checked for changes. For a stream there is ChecksumStream, and `sluice sum -`.',
  },
  ERR_SLUICE_PERMISSION: {
    exit: 1,
    http: 403,
    s3: 'AccessDenied',
    remedy: 'Run as a user who may do that to it.',
  },
  ERR_SLUICE_BAD_DESCRIPTOR: {
    exit: 1,
    remedy: 'Pass a descriptor that is open for what is to be done with it.',
  },
  ERR_SLUICE_CHANGED: {
    exit: 1,
    http: 409,
    s3: 'OperationAborted',
    remedy: 'Sum it again once nobody writes to it.',
  },
  ERR_SLUICE_WRITER: {
    exit: 1,
    http: 423,
    s3: 'OperationAborted',
    remedy: 'Wait until the writer has closed it, then sum it.',
  },
  ERR_SLUICE_RANGE: {
    exit: 1,
    http: 416,
    s3: 'InvalidRange',
    remedy: 'Give a range that lies within the file.',
  },
  ERR_SLUICE_LIMIT: {
    exit: 1,
    http: 503,
    s3: 'SlowDown',
    remedy:
      'Raise the limit (ulimit -n, -u and -v; systemd: LimitNOFILE, TasksMax and MemoryMax), or do less at once.',
  },
  ERR_SLUICE_IO: { exit: 1, remedy: 'Check the device and the file system (dmesg).' },
  ERR_SLUICE_SANDBOX: { exit: 1, remedy: 'Allow what the message names where the process is started.' },
  ERR_SLUICE_TRUNCATED: { exit: 1, remedy: 'Send it again, whole.' },
  ERR_SLUICE_DISCONNECTED: {
    exit: 1,
    http: 400,
    s3: 'IncompleteBody',
    remedy: 'Connect again and send it from the beginning.',
  },
  // RFC 4918, 11.5
  ERR_SLUICE_NO_SPACE: {
    exit: 1,
    http: 507,
    s3: 'InsufficientStorage',
    remedy: 'Free some space or quota, or store it elsewhere.',
  },
  ERR_SLUICE_NO_ATTRIBUTES: {
    exit: 1,
    remedy:
      'Use a file system that keeps user attributes (ext4, xfs, btrfs; tmpfs since Linux 6.6), or keep the checksums in a list.',
  },
  ERR_SLUICE_TIMEOUT: {
    exit: 1,
    http: 408,
    s3: 'RequestTimeout',
    remedy: 'Look at the peer and the network, or allow more time.',
  },
  // RFC 4918, 9.7.1
  ERR_SLUICE_NO_FOLDER: {
    exit: 1,
    http: 409,
    s3: 'InvalidBucketState',
    remedy: 'Make the folder first, or check the path.',
  },
  ERR_SLUICE_OUTSIDE: {
    exit: 1,
    http: 403,
    s3: 'AccessDenied',
    remedy: 'Name a file beneath the root, by a path without symbolic links and without `..`.',
  },
  ERR_SLUICE_TOO_LONG: { exit: 1, http: 414, s3: 'KeyTooLongError', remedy: 'Choose a shorter name.' },
  ERR_SLUICE_RESERVED: {
    exit: 1,
    http: 403,
    s3: 'AccessDenied',
    remedy: 'Choose a name that is not .sluice- and digits.',
  },
  ERR_SLUICE_PRECONDITION: {
    exit: 1,
    http: 412,
    s3: 'PreconditionFailed',
    remedy: 'Look at what is there now, and decide anew.',
  },
  ERR_SLUICE_BUSY: {
    exit: 1,
    http: 503,
    s3: 'SlowDown',
    remedy: 'Try it again; lslocks shows who holds the lock.',
  },
  ERR_SLUICE_UNSUPPORTED: {
    exit: 1,
    http: 501,
    s3: 'NotImplemented',
    remedy: 'Do without it, or ask for the whole file, as it is.',
  },
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
      'End the process. Start it without these capabilities (user space serves then), where capset(2) is allowed, or, as root without CAP_SETPCAP, with no_new_privs (systemd: NoNewPrivileges=yes).',
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
  ERR_SLUICE_FIELD: {
    exit: 2,
    http: 400,
    s3: 'InvalidArgument',
    remedy: 'Send the field once, in the form that its specification gives.',
  },
  ERR_SLUICE_TARGET: {
    exit: 2,
    http: 400,
    s3: 'InvalidURI',
    remedy: 'Encode each name in the path as UTF-8, with a percent sign before what URLs do not have.',
  },
  ERR_SLUICE_BODY: { exit: 1, http: 400, s3: 'IncompleteBody', remedy: 'Send it again, whole.' },
  ERR_SLUICE_TOO_LARGE: {
    exit: 1,
    http: 413,
    s3: 'EntityTooLarge',
    remedy: 'Send it in parts, as files of their own.',
  },
  // WLCG's transfer specification; S3 has 400
  ERR_SLUICE_MISMATCH: {
    exit: 1,
    http: 412,
    s3: 'BadDigest',
    remedy: 'Send it again; if that does not help, sum the original anew.',
  },
  ERR_SLUICE_CORRUPT: {
    exit: 1,
    remedy:
      'Restore the file from another copy, and check the disk. If its bytes are right as they are, set its checksums anew: `sluice attr set --replace-rot`.',
  },
  ERR_SLUICE_ABORTED: { exit: 130, remedy: 'Start it again.' },
};
