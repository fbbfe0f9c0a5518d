/** The file that is copied: opened, and known to have stayed what it was. */

import type { BigIntStats } from 'node:fs';
import { constants, type FileHandle, open, stat } from 'node:fs/promises';
import { refuseWriters } from '../checksum/writers.js';
import { SluiceError } from '../index.js';
import { settledStamps, stampsOf, untouched } from '../xattr/version.js';
import { readFailure } from './input.js';

export async function openSource(path: string): Promise<FileHandle> {
  try {
    // Looked at before it is opened: opening a device or a FIFO can do something to it.
    const kind = await stat(path);
    if (kind.isDirectory())
      throw new SluiceError('ERR_SLUICE_IS_DIRECTORY', `${path} is a directory`, { path });
    if (!kind.isFile())
      throw new SluiceError('ERR_SLUICE_NOT_A_FILE', `${path} is not a regular file`, { path });
    return await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    throw error instanceof SluiceError ? error : readFailure(error as NodeJS.ErrnoException, path, path);
  }
}

export function sourceChanged(path: string, how: string): SluiceError {
  return new SluiceError('ERR_SLUICE_CHANGED', `${path} changed while it was copied: ${how}`, { path });
}

async function checkWriters(source: FileHandle, path: string): Promise<void> {
  try {
    await refuseWriters(source);
  } catch (error) {
    const { code } = error as SluiceError;
    if (code === 'ERR_SLUICE_CHANGED') throw sourceChanged(path, 'it was written to');
    if (code !== 'ERR_SLUICE_WRITER') throw error;
    throw new SluiceError('ERR_SLUICE_WRITER', `${path} is open for writing, or mapped writable`, { path });
  }
}

/**
 * Begins to watch a file for changes.
 *
 * @returns the file's stamps, and what throws unless the file is still what it was
 */
export async function watchSource(
  source: FileHandle,
  path: string,
): Promise<{ stamps: BigIntStats; confirm: () => Promise<void> }> {
  const stamps = await settledStamps(source.fd);
  await checkWriters(source, path);
  const confirm = async () => {
    await checkWriters(source, path);
    const now = await stampsOf(source.fd);
    if (now.size !== stamps.size) throw sourceChanged(path, 'its size changed');
    if (!untouched(now, stamps)) throw sourceChanged(path, 'it was written to');
  };
  return { stamps, confirm };
}
