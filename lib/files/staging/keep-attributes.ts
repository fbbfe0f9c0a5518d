/** What belongs to a file's name rather than to its content, and so stays when the content is replaced. */

import { constants, fchmod, fchown, fstat } from 'node:fs';
import { promisify } from 'node:util';
import { isDenied, isForbidden } from '../../errors/errno.js';
import { SluiceError } from '../../errors/errors.js';
import { refusedBy, withoutProc } from '../../system/policy.js';
import { type FileHandle, open } from '../open-file.js';
import { getAttribute, listAttributes, removeAttribute, setAttribute } from '../xattr/attributes.js';
import { formats } from '../xattr/profiles/table.js';

export type Attribute = readonly [name: string, value: Uint8Array];

const accessList = 'system.posix_acl_access';
/** Attributes that are about the content: these, and those that begin with one that ends with a dot. */
export const checksumAttributes: readonly string[] = Object.values(formats).map(({ names }) => names);

const isChecksum = (name: string) =>
  checksumAttributes.some((each) => (each.endsWith('.') ? name.startsWith(each) : name === each));

/** Without set-user-ID and set-group-ID, which writing to a file takes away too. */
const permissions = 0o1777;

/** Only root may give a file away; others may give it to a group of theirs. */
async function keepOwner(uid: number, gid: number, to: number): Promise<void> {
  for (const owner of [uid, -1]) {
    try {
      await promisify(fchown)(to, owner, gid);
      return;
    } catch (error) {
      if (!isForbidden(error)) throw error;
    }
  }
}

/**
 * The `user.*` attributes of a file, except checksums. They are for `publish` to set: where they are kept with a mode
 * that forbids writing, nobody else can.
 *
 * @param from a descriptor that is open for reading
 */
export async function userAttributes(from: number): Promise<Attribute[]> {
  const attributes: Attribute[] = [];
  for (const name of await listAttributes(from)) {
    if (!name.startsWith('user.') || isChecksum(name)) continue;
    const value = await getAttribute(from, name);
    if (value) attributes.push([name, value]);
  }
  return attributes;
}

/**
 * Opens a file whose attributes are to be kept.
 *
 * @param fd may have been opened with O_PATH, through which attributes can't be read
 * @throws SluiceError if this user may not read it
 */
export async function openToKeep(fd: number): Promise<FileHandle> {
  try {
    // /proc opens the same inode once more, whatever has its name now.
    return await open(`/proc/self/fd/${fd}`, constants.O_RDONLY);
  } catch (error) {
    const unreachable = withoutProc('The attributes of the file to be replaced can be read', error);
    if (unreachable) throw unreachable;
    if (!isDenied(error)) throw error;
    throw new SluiceError(
      'ERR_SLUICE_PERMISSION',
      'The file to be replaced may not be read, nor its attributes be kept',
      { cause: error },
    );
  }
}

/**
 * Gives a file the mode, the access list, and as far as this user may the owner, of another one.
 *
 * @param source from `openToKeep`
 */
export async function keepPermissions(source: FileHandle, to: number): Promise<void> {
  try {
    await copyPermissions(source, to);
  } catch (error) {
    throw refusedBy(error) ?? error;
  }
}

async function copyPermissions(source: FileHandle, to: number): Promise<void> {
  const { mode, uid, gid } = await source.stat();
  const target = await promisify(fstat)(to);
  // The owner first: changing it takes permissions away.
  if (uid !== target.uid || gid !== target.gid) await keepOwner(uid, gid, to);
  if ((mode & permissions) !== (target.mode & 0o7777)) await promisify(fchmod)(to, mode & permissions);
  const list = (await listAttributes(source.fd)).includes(accessList)
    ? await getAttribute(source.fd, accessList)
    : undefined;
  if (list) await setAttribute(to, accessList, list);
  // One that the folder's default list gave it.
  else if ((await listAttributes(to)).includes(accessList)) await removeAttribute(to, accessList);
}
