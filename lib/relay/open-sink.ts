import { constants } from 'node:fs';
import { errnoOf, isLink, isMissing, wouldWait } from '../errors/errno.js';
import { SluiceError } from '../errors/errors.js';
import type { FileHandle } from '../files/open-file.js';
import { lookAtFile, openToRead } from '../files/xattr/open.js';
import { fromErrno } from '../system/from-errno.js';
import { storeFailure } from '../system/native-failures.js';

/** The error for a sink that could not be opened, looked at or made. */
function sinkFailure(failure: unknown, path: string): SluiceError {
  // Of a reader or of a writer: who opens it for writing breaks both, and would have to wait.
  if (wouldWait(failure))
    return fromErrno(failure, `${path} is held by somebody with a lease`, { code: 'ERR_SLUICE_BUSY', path });
  const errno = errnoOf(failure) ?? 0;
  const { syscall: call = 'open' } = failure as NodeJS.ErrnoException;
  const refused = { call, errno, subject: 'place' as const, detail: '' };
  return isLink(failure)
    ? storeFailure({ ...refused, failure: 'notAFile', detail: 'a symbolic link' }, path)
    : storeFailure({ ...refused, failure: 'systemCall' }, path);
}

/** Opens a regular file for writing, and for reading back what is stored; makes it if it is not there. */
export async function openSink(path: string): Promise<FileHandle> {
  const { O_RDWR, O_CREAT } = constants;
  try {
    await lookAtFile(path).catch((error) => {
      if (!isMissing(error)) throw error;
    });
    return await openToRead(path, O_RDWR | O_CREAT);
  } catch (error) {
    throw error instanceof SluiceError ? error : sinkFailure(error, path);
  }
}
