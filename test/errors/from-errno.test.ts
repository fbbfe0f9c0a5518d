import { openSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { codeFor, errnoOf, isMissing, isOutOfSpace, isRefused } from '../../lib/errors/errno.js';
import { SluiceError } from '../../lib/errors/errors.js';
import { fromErrno, unread } from '../../lib/system/from-errno.js';
import { systemErrorName } from '../../lib/system/system-error.js';

type Subject = NonNullable<Parameters<typeof codeFor>[1]>;

const EAGAIN = 11;
const EACCES = 13;
const EMFILE = 24;
const ELOOP = 40;
const EBADF = 9;
const EIO = 5;
const EKEYEXPIRED = 127;
const ENAMETOOLONG = 36;
const ENOTSUP = 95;
const EPIPE = 32;
const ENOMEM = 12;
const EINVAL = 22;
const ENOTSUPP = 524;

function failed(path: string): unknown {
  try {
    return openSync(path, 'r');
  } catch (error) {
    return error;
  }
}

describe('a failure', () => {
  it('is known by its number, the status of a native call, or what node:fs throws', () => {
    expect([2, -2, failed('/gone'), { code: 'ENOENT' }].map(isMissing)).toEqual([true, true, true, true]);
    expect([EACCES, 1, undefined, null, 0].map(isRefused)).toEqual([true, true, false, false, false]);
    expect(isOutOfSpace({ code: 'Unknown system error -122', errno: -122 })).toBe(true);
  });

  it('of this package has no number here, because its code says more', () => {
    expect(errnoOf(new SluiceError('ERR_SLUICE_RANGE', 'It is so', { errno: 2 }))).toBeUndefined();
  });

  it('that no system but the kernel has a name for is named', () => {
    expect(systemErrorName(ENOTSUPP)).toBe('ENOTSUPP');
  });
});

describe('an error number', () => {
  it.each<[number, Partial<Record<Subject, string>>]>([
    [ENAMETOOLONG, { file: 'ERR_SLUICE_NOT_FOUND', place: 'ERR_SLUICE_TOO_LONG' }],
    [ELOOP, { file: 'ERR_SLUICE_NOT_FOUND', place: 'ERR_SLUICE_OUTSIDE' }],
    [EPIPE, { file: 'ERR_SLUICE_IO', end: 'ERR_SLUICE_DISCONNECTED' }],
    [EBADF, { file: 'ERR_SLUICE_BAD_DESCRIPTOR', lock: 'ERR_SLUICE_UNSUPPORTED' }],
    [
      ENOTSUP,
      {
        file: 'ERR_SLUICE_IO',
        lock: 'ERR_SLUICE_UNSUPPORTED',
        attribute: 'ERR_SLUICE_NO_ATTRIBUTES',
      },
    ],
    [ENOMEM, { file: 'ERR_SLUICE_LIMIT', bpf: 'ERR_SLUICE_BPF', engine: 'ERR_SLUICE_LIMIT' }],
    [EAGAIN, { file: 'ERR_SLUICE_IO', bpf: 'ERR_SLUICE_BPF', engine: 'ERR_SLUICE_LIMIT' }],
    [EINVAL, { file: 'ERR_SLUICE_IO', bpf: 'ERR_SLUICE_BPF', engine: 'ERR_SLUICE_KERNEL_ENGINE' }],
    [EACCES, { file: 'ERR_SLUICE_PERMISSION', place: 'ERR_SLUICE_PERMISSION', end: 'ERR_SLUICE_PERMISSION' }],
  ])('%i means what the call was about', (errno, codes) => {
    for (const [subject, code] of Object.entries(codes))
      expect(codeFor(-errno, subject as Subject)).toBe(code);
  });
});

describe('the error for a system call that failed', () => {
  it('has the code of its number, the number, and what was thrown', () => {
    const cause = failed('/gone');
    expect(fromErrno(cause, 'It is so', { path: '/gone' })).toMatchObject({
      code: 'ERR_SLUICE_NOT_FOUND',
      reason: 'It is so',
      path: '/gone',
      errno: 2,
      cause,
    });
    const limit = fromErrno(-EMFILE, 'It is so');
    expect(limit).toMatchObject({ code: 'ERR_SLUICE_LIMIT', errno: EMFILE });
    expect(limit.cause).toBeUndefined();
  });

  it('has the code of its call where the number means something else of that', () => {
    const error = fromErrno(EACCES, 'It is so', { code: 'ERR_SLUICE_IO', calls: 'fchmod' });
    expect(error).toMatchObject({ code: 'ERR_SLUICE_IO', errno: EACCES });
  });
});

describe('the error for a file that could not be read', () => {
  it.each([
    [2, 'ERR_SLUICE_NOT_FOUND', 'f does not exist'],
    [ELOOP, 'ERR_SLUICE_NOT_FOUND', "f can't be looked up (too many symbolic links)"],
    [EACCES, 'ERR_SLUICE_PERMISSION', 'f may not be read by this user'],
    [EKEYEXPIRED, 'ERR_SLUICE_PERMISSION', 'f is encrypted, and its key has expired'],
    [EMFILE, 'ERR_SLUICE_LIMIT', 'f could not be read (too many open files, EMFILE)'],
    [EAGAIN, 'ERR_SLUICE_IO', 'f could not be read (resource temporarily unavailable, EAGAIN)'],
    [EIO, 'ERR_SLUICE_IO', 'f could not be read (i/o error, EIO)'],
  ])('says what %i means', (errno, code, reason) => {
    const cause = { code: systemErrorName(errno), errno: -errno };
    expect(unread(cause, { path: 'f', doing: 'read' })).toMatchObject({ code, reason, path: 'f' });
  });

  it('says of one that was opened what its opening means', () => {
    const opened = (errno: number) =>
      unread({ errno: -errno }, { path: 'f', doing: 'opened', noFollow: true });
    expect(opened(ELOOP)).toMatchObject({
      code: 'ERR_SLUICE_NOT_A_FILE',
      reason: expect.stringMatching(/link/),
    });
    expect(opened(EAGAIN)).toMatchObject({
      code: 'ERR_SLUICE_WRITER',
      reason: expect.stringMatching(/lease/),
    });
  });
});
