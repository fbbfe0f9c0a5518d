/** Extended attributes of a file, as bytes. */

import type { FileLike } from '../../checksum/file-like.js';
import { hasNoAttribute } from '../../errors/errno.js';
import { SluiceError } from '../../errors/errors.js';
import { native } from '../../native/index.js';
import { attributeFailure } from '../../system/attribute-failure.js';
import { withDescriptor } from './open.js';

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
export async function listAttributes(file: FileLike): Promise<string[]> {
  const list = await withDescriptor(file, (fd) => native.listAttributes(fd));
  if ('failure' in list) throw attributeFailure(list.errno, 'list', 'flistxattr');
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(list).split('\0').slice(0, -1);
  } catch (cause) {
    throw new SluiceError('ERR_SLUICE_IO', 'An attribute has a name that is not UTF-8', { cause });
  }
}

/** An attribute's value; undefined where there is none of that name. */
export async function getAttribute(file: FileLike, name: string): Promise<Buffer | undefined> {
  checkName(name);
  const value = await withDescriptor(file, (fd) => native.getAttribute(fd, name));
  if (!('failure' in value)) return value;
  if (hasNoAttribute(value.errno)) return undefined;
  throw attributeFailure(value.errno, name, 'fgetxattr');
}

/** Sets an attribute, whether or not there is one of that name. A value has up to 64 KiB; many file systems keep less. */
export async function setAttribute(file: FileLike, name: string, value: Uint8Array): Promise<void> {
  checkName(name);
  const refusal = await withDescriptor(file, (fd) => native.setAttribute(fd, name, value));
  if (refusal) throw attributeFailure(refusal.errno, name, 'fsetxattr');
}

/** Removes an attribute; none of that name is no error. */
export async function removeAttribute(file: FileLike, name: string): Promise<void> {
  checkName(name);
  const refusal = await withDescriptor(file, (fd) => native.removeAttribute(fd, name));
  if (refusal && !hasNoAttribute(refusal.errno)) throw attributeFailure(refusal.errno, name, 'fremovexattr');
}
