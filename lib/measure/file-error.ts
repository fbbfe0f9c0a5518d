import { errnoOf, isOutOfSpace } from '../errors/errno.js';
import { SluiceError } from '../errors/errors.js';
import { codeOf, errorText } from '../errors/system-error.js';

/** What a failed system call on one of our own files means to people; every other error as it is. */
export function fileError(error: unknown, folder: string): unknown {
  const { syscall } = error as NodeJS.ErrnoException;
  if (error instanceof SluiceError || syscall === undefined) return error;
  const code = codeOf(error);
  const errno = errnoOf(error);
  const details = { path: folder, errno, cause: error };
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return new SluiceError('ERR_SLUICE_PERMISSION', `Files can't be written in ${folder} (${code})`, details);
  }
  if (isOutOfSpace(errno)) {
    return new SluiceError(
      'ERR_SLUICE_NO_SPACE',
      `There is no room left for files in ${folder} (${code})`,
      details,
    );
  }
  return new SluiceError(
    'ERR_SLUICE_IO',
    `Working with files in ${folder} failed (${errorText(error)})`,
    details,
  );
}
