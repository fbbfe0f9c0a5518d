import type { FileHandle } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { SluiceError } from '../errors/errors.js';
import { bad } from './options.js';

/**
 * A file: a path, a `file:` URL, an open descriptor, or a FileHandle. What comes open stays open, and its position is neither
 * used nor moved.
 */
export type FileLike = string | URL | number | Pick<FileHandle, 'fd'>;

export interface Located {
  /** What to call the file in a sentence. */
  what: string;
  /** Undefined for what is open. */
  path: string | undefined;
  /** By which to reach it: the path, or the descriptor. */
  at: string | number;
}

function pathOf(url: URL): string {
  try {
    return fileURLToPath(url);
  } catch (error) {
    throw bad(`${url} leads to no file of this machine (${(error as Error).message})`);
  }
}

/**
 * Throws ERR_SLUICE_OPTION for what is no file, ERR_SLUICE_BAD_DESCRIPTOR for a number that is no descriptor's.
 *
 * @param kinds what there may be, in a sentence without its full stop
 */
export function locate(
  file: FileLike,
  kinds = 'The source is a path, a file: URL, a descriptor or a FileHandle',
): Located {
  const named = file instanceof URL ? pathOf(file) : file;
  if (typeof named === 'string') {
    if (named.length === 0 || named.includes('\0')) throw bad(`${JSON.stringify(named)} is not a path`);
    return { what: named, path: named, at: named };
  }
  const fd = typeof named === 'number' ? named : named?.fd;
  if (!Number.isInteger(fd)) throw bad(kinds);
  if (fd < 0 || fd > 0x7fffffff) {
    throw new SluiceError('ERR_SLUICE_BAD_DESCRIPTOR', `Descriptor ${fd} is not open`);
  }
  return { what: `Descriptor ${fd}`, path: undefined, at: fd };
}
