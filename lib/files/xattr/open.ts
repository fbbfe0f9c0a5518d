import { constants } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { type FileLike, locate } from '../../checksum/file-like.js';
import { isNoFolder } from '../../errors/errno.js';
import { SluiceError } from '../../errors/errors.js';
import { unread } from '../../system/from-errno.js';
import { type FileHandle, open } from '../open-file.js';

/** The error for a file, called `name` in its sentence, that could not be opened or looked at. */
export function openFailure(error: unknown, name: string): SluiceError {
  return unread(error, { path: name, doing: 'opened', noFollow: true });
}

/** The error for what should be a folder. */
export function folderFailure(error: unknown, name: string, remedy?: string): SluiceError {
  if (!isNoFolder(error)) return openFailure(error, name);
  const details = { path: name, cause: error, remedy };
  return new SluiceError('ERR_SLUICE_NOT_FOUND', `${name} is no directory`, details);
}

/**
 * Opens what should be a regular file, for reading and, by `flags`, for more. Its last component is not followed where it is a link: who may write
 * to a folder must not choose which file beyond it is read or marked.
 *
 * @throws the system's errors, as node:fs does
 */
export function openToRead(path: string | Buffer, flags = 0): Promise<FileHandle> {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK, O_NOCTTY } = constants;
  return open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | flags);
}

/**
 * Looks at what should be a regular file before it is opened: opening a device or a FIFO can do something to it.
 *
 * @throws SluiceError if it is something else, except a link; the system's errors, as node:fs does
 */
export async function lookAtFile(name: string): Promise<void> {
  const stats = await lstat(name);
  if (stats.isDirectory())
    throw new SluiceError('ERR_SLUICE_IS_DIRECTORY', `${name} is a directory`, { path: name });
  if (!stats.isFile() && !stats.isSymbolicLink()) {
    throw new SluiceError('ERR_SLUICE_NOT_A_FILE', `${name} is a device, a FIFO or a socket`, {
      path: name,
    });
  }
}

/** Opens a regular file that a person named. */
export async function openNamed(name: string): Promise<FileHandle> {
  try {
    await lookAtFile(name);
    return await openToRead(name);
  } catch (error) {
    throw error instanceof SluiceError ? error : openFailure(error, name);
  }
}

/** Lends a descriptor of the file; what it opened for that, as `openNamed` does, it closes. */
export async function withDescriptor<T>(file: FileLike, use: (fd: number) => Promise<T>): Promise<T> {
  const { at } = locate(file);
  if (typeof at === 'number') return use(at);
  await using handle = await openNamed(at);
  return await use(handle.fd);
}
