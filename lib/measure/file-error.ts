import { SluiceError } from '../errors.js';

/** What a failed system call on one of our own files means to people; every other error as it is. */
export function fileError(error: unknown, folder: string): unknown {
  const { code, errno, syscall, message } = error as NodeJS.ErrnoException;
  if (error instanceof SluiceError || syscall === undefined) return error;
  const details = { path: folder, errno: errno === undefined ? undefined : -errno, cause: error };
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return new SluiceError('ERR_SLUICE_PERMISSION', `Files can't be written in ${folder} (${code})`, details);
  }
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new SluiceError(
      'ERR_SLUICE_OPTION',
      `There is no room left for files in ${folder} (${code})`,
      details,
    );
  }
  return new SluiceError('ERR_SLUICE_IO', `Working with files in ${folder} failed (${message})`, details);
}
