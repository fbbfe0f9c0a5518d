/** Extended attributes of an open file, as bytes. */

import { constants } from 'node:os';
import { isOutOfSpace } from '../../errors/errno.js';
import { SluiceError, type SluiceErrorCode } from '../../errors/errors.js';
import { refusedCall } from '../../errors/policy.js';
import { systemErrorName } from '../../errors/system-error.js';
import { native } from '../../native/index.js';

const {
  E2BIG,
  EACCES,
  EBADF,
  EMFILE,
  ENFILE,
  ENODATA,
  ENOMEM,
  ENOTSUP,
  EPERM,
  ERANGE,
  EROFS,
}: Readonly<Record<string, number>> = constants.errno;

type Sentence = (name: string) => string;

const noRoom: readonly [SluiceErrorCode, Sentence] = [
  'ERR_SLUICE_NO_SPACE',
  (name) => `There is no room for the attribute ${name}`,
];
const forbidden: readonly [SluiceErrorCode, Sentence] = [
  'ERR_SLUICE_PERMISSION',
  (name) => `The attribute ${name} may not be read or changed by this user`,
];
const unsupported: readonly [SluiceErrorCode, Sentence] = [
  'ERR_SLUICE_NO_ATTRIBUTES',
  (name) => `The file system has no place for the attribute ${name}`,
];

const shortage: readonly [SluiceErrorCode, Sentence] = [
  'ERR_SLUICE_LIMIT',
  (name) => `The attribute ${name} could not be read or changed`,
];

const failures: ReadonlyMap<number | undefined, readonly [SluiceErrorCode, Sentence]> = new Map([
  [EBADF, ['ERR_SLUICE_BAD_DESCRIPTOR', (name) => `The attribute ${name} is asked of no open descriptor`]],
  [EACCES, forbidden],
  [EPERM, forbidden], // besides: an immutable file, and what is neither file nor directory has no user attributes
  [EROFS, forbidden],
  [ENOTSUP, unsupported],
  [E2BIG, noRoom],
  [EMFILE, shortage],
  [ENFILE, shortage],
  [ENOMEM, shortage],
  [
    ERANGE,
    ['ERR_SLUICE_OPTION', (name) => `${JSON.stringify(name)} is no attribute's name: 1 to 255 bytes are`],
  ],
]);

function failureOf(errno: number): readonly [SluiceErrorCode, Sentence] {
  if (isOutOfSpace(errno)) return noRoom; // of the disk; or ext4 keeps all attributes of a file in its inode and one block
  return (
    failures.get(errno) ?? ['ERR_SLUICE_IO', (name) => `The attribute ${name} could not be read or changed`]
  );
}

/**
 * The error for an attribute that could not be read or changed.
 *
 * @param calls of which one failed with `errno`
 */
export function attributeFailure(
  errno: number,
  name: string,
  calls: string | readonly string[],
): SluiceError {
  const details = { attribute: name, errno };
  const refused = refusedCall(calls, errno, details);
  if (refused) return refused;
  const [code, sentence] = failureOf(errno);
  return new SluiceError(code, `${sentence(name)} (${systemErrorName(errno)})`, details);
}

function checkName(name: string): void {
  if (typeof name !== 'string' || name.includes('\0')) {
    throw new SluiceError('ERR_SLUICE_OPTION', `${JSON.stringify(name)} is not the name of an attribute`);
  }
}

/**
 * The names of all attributes that this user may see, namespace included: `user.sluice`.
 *
 * @throws SluiceError ERR_SLUICE_IO besides the system's refusals, for a name that is not UTF-8: it could not be asked for
 */
export async function listAttributes(fd: number): Promise<string[]> {
  const list = await native.listAttributes(fd);
  if ('failure' in list) throw attributeFailure(list.errno, 'list', 'flistxattr');
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(list).split('\0').slice(0, -1);
  } catch (cause) {
    throw new SluiceError('ERR_SLUICE_IO', 'An attribute has a name that is not UTF-8', { cause });
  }
}

/** An attribute's value; undefined where there is none of that name. */
export async function getAttribute(fd: number, name: string): Promise<Buffer | undefined> {
  checkName(name);
  const value = await native.getAttribute(fd, name);
  if (!('failure' in value)) return value;
  if (value.errno === ENODATA) return undefined;
  throw attributeFailure(value.errno, name, 'fgetxattr');
}

/** Sets an attribute, whether or not there is one of that name. A value has up to 64 KiB; many file systems keep less. */
export async function setAttribute(fd: number, name: string, value: Uint8Array): Promise<void> {
  checkName(name);
  const refusal = await native.setAttribute(fd, name, value);
  if (refusal) throw attributeFailure(refusal.errno, name, 'fsetxattr');
}

/** Removes an attribute; none of that name is no error. */
export async function removeAttribute(fd: number, name: string): Promise<void> {
  checkName(name);
  const refusal = await native.removeAttribute(fd, name);
  if (refusal && refusal.errno !== ENODATA) throw attributeFailure(refusal.errno, name, 'fremovexattr');
}
