import { codeFor } from '../errors/errno.js';
import { SluiceError } from '../errors/errors.js';
import { fromErrno } from '../system/from-errno.js';
import { codeOf, errorText } from '../system/system-error.js';

function reasonOf(error: unknown, folder: string): string {
  const code = codeFor(error);
  if (code === 'ERR_SLUICE_PERMISSION') return `Files can't be written in ${folder} (${codeOf(error)})`;
  if (code === 'ERR_SLUICE_NO_SPACE')
    return `There is no room left for files in ${folder} (${codeOf(error)})`;
  return `Working with files in ${folder} failed (${errorText(error)})`;
}

/** What a failed system call on one of our own files means to people; every other error as it is. */
export function fileError(error: unknown, folder: string): unknown {
  const { syscall } = error as NodeJS.ErrnoException;
  if (error instanceof SluiceError || syscall === undefined) return error;
  return fromErrno(error, reasonOf(error, folder), { path: folder });
}
