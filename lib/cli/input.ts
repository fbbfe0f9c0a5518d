/** Bytes that arrive as a stream: standard input, and lists of checksums. */

import { createReadStream, ReadStream } from 'node:fs';
import { Socket } from 'node:net';
import { addAbortSignal, type Readable } from 'node:stream';
import { SluiceError } from '../errors/errors.js';
import { unread } from '../system/from-errno.js';

/** How standard input is called as a FILE. */
export const standardInput = '-';

/** Why a file could not be read; `what` names it in a sentence. */
function readFailure(error: NodeJS.ErrnoException, name: string, what: string): SluiceError {
  if (error.name === 'AbortError') {
    return new SluiceError('ERR_SLUICE_ABORTED', `Reading ${what} was abandoned`, {
      path: name,
      cause: error,
    });
  }
  return unread(error, { path: name, what, doing: 'read' });
}

/** How a sentence names the FILE. */
export function describe(name: string): string {
  return name === standardInput ? 'Standard input' : name;
}

/** Where Node does not know the kind of descriptor 0 (a directory, a block device), its stream is empty: read it then. */
function openStandardInput(): Readable {
  const { stdin } = process;
  return stdin instanceof Socket || (stdin as Readable) instanceof ReadStream
    ? stdin
    : createReadStream('', { fd: 0, autoClose: false });
}

/**
 * The bytes of a file of any kind, as they come.
 *
 * @throws SluiceError ERR_SLUICE_NOT_FOUND, ERR_SLUICE_IS_DIRECTORY, ERR_SLUICE_PERMISSION, ERR_SLUICE_IO, or
 *   ERR_SLUICE_ABORTED when the signal fires
 */
export async function* readChunks(
  name: string,
  signal: AbortSignal,
): AsyncGenerator<Buffer, void, undefined> {
  try {
    const stream = name === standardInput ? openStandardInput() : createReadStream(name);
    // Standard input named twice: the second time nothing is left of it.
    if (stream.readableEnded) return;
    yield* addAbortSignal(signal, stream);
  } catch (error) {
    throw readFailure(error as NodeJS.ErrnoException, name, describe(name));
  }
}
