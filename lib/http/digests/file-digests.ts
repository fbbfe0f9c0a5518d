/** The digests of a file that nobody writes to meanwhile. */

import type { BigIntStats } from 'node:fs';
import { checksum } from '../../checksum/checksum.js';
import { refuseWriters } from '../../checksum/writers.js';
import type { EngineChoice } from '../../engine/backends.js';
import type { Reduced } from '../../engine/job.js';
import { SluiceError } from '../../errors/errors.js';
import type { FileHandle } from '../../files/open-file.js';
import { stampsOf, untouched } from '../../files/xattr/version.js';
import { fromErrno } from '../../system/from-errno.js';
import { codeOf } from '../../system/system-error.js';
import type { DigestAlgorithm, DigestValues } from '../fields/algorithms.js';
import { BodySums, isNative } from './body-sums.js';

/** So little that a hash of it, half a millisecond, holds up nobody whom this thread serves besides. */
const pieceSize = 256 * 1024;

/** The digests of a file, and what computed them. */
export interface ComputedDigests extends Reduced {
  values: DigestValues;
}

async function read(file: FileHandle, piece: Buffer, at: number): Promise<Buffer> {
  try {
    const { bytesRead } = await file.read(piece, 0, piece.length, at);
    return piece.subarray(0, bytesRead);
  } catch (cause) {
    throw fromErrno(cause, `The file could not be read to be hashed (${codeOf(cause)})`);
  }
}

/** node:crypto has no hash that takes a file, and none that takes pieces on another thread. */
async function hashed(
  file: FileHandle,
  before: BigIntStats,
  algorithms: readonly DigestAlgorithm[],
  signal: AbortSignal,
): Promise<ComputedDigests> {
  await refuseWriters(file.fd);
  const sums = new BodySums(algorithms);
  const buffer = Buffer.allocUnsafe(pieceSize);
  for (let at = 0; at < before.size; ) {
    signal.throwIfAborted();
    const piece = await read(file, buffer, at);
    if (piece.length === 0) break; // it was cut short
    sums.update(piece);
    at += piece.length;
  }
  await refuseWriters(file.fd);
  if (!untouched(await stampsOf(file.fd), before))
    throw new SluiceError('ERR_SLUICE_CHANGED', 'The file changed while it was hashed');
  return {
    values: sums.values(),
    backend: 'userspace',
    backendReason: 'a hash is computed by Node, and with it all else that is wanted',
  };
}

/**
 * In one pass over the file: on threads of their own if all are checksums, on this one between other work if some are
 * hashes.
 *
 * @param before its settled stamps
 * @param how with which engine, where all are checksums
 * @throws SluiceError as `checksum` does; or the signal's reason
 */
export async function fileDigests(
  file: FileHandle,
  before: BigIntStats,
  algorithms: readonly DigestAlgorithm[],
  { engine, signal }: { engine: EngineChoice; signal: AbortSignal },
): Promise<ComputedDigests> {
  if (!algorithms.every(isNative)) return hashed(file, before, algorithms, signal);
  const { checksums, backend, backendReason } = await checksum(file.fd, { algorithms, engine, signal });
  return { values: Object.fromEntries(checksums), backend, backendReason };
}
