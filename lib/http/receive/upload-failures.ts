/** Why a body is not whole. */

import type { IncomingMessage } from 'node:http';
import { bad } from '../../checksum/options.js';
import { isOutOfSpace } from '../../errors/errno.js';
import { SluiceError } from '../../errors/errors.js';
import { fromErrno } from '../../system/from-errno.js';
import { codeOf } from '../../system/system-error.js';

export function disconnected(cause: Error | undefined): SluiceError {
  return new SluiceError('ERR_SLUICE_DISCONNECTED', 'The client is gone, and the body is not whole', {
    cause,
  });
}

export function abandoned(signal: AbortSignal | undefined): SluiceError {
  return new SluiceError('ERR_SLUICE_ABORTED', 'The upload was abandoned', { cause: signal?.reason });
}

export function silent(milliseconds: number): SluiceError {
  return new SluiceError('ERR_SLUICE_TIMEOUT', `No byte has come for ${milliseconds} ms`);
}

/** What a file said to a write. */
export function unstored(cause: NodeJS.ErrnoException): SluiceError {
  const name = codeOf(cause) ?? cause.message;
  // Any other number is the server's trouble: of a disk that failed and is read-only now its owner must hear.
  return isOutOfSpace(cause)
    ? fromErrno(cause, `There is no room for the body (${name})`)
    : fromErrno(cause, `The body could not be stored (${name})`, { code: 'ERR_SLUICE_IO' });
}

/** Of a body that is about to be read: what others have read is missing, or what Node threw away behind an answer. */
export function readBefore(request: IncomingMessage): SluiceError | undefined {
  const { readableDidRead, _dumped: dumped } = request as IncomingMessage & { _dumped?: boolean };
  return readableDidRead || dumped
    ? bad('A body, or a part of it, was read before receive could')
    : undefined;
}
