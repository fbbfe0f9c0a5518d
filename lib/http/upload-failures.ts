/** Why a body is not whole. */

import { SluiceError } from '../errors.js';

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
