/** Moves the bytes of a file, and measures them as they are stored. */

import { Checksums } from '../engine/checksums.js';
import type { Reduced } from '../engine/job.js';
import { type NativeFileRefusal, native } from '../native/index.js';
import { relay } from '../relay/relay.js';
import { readFailure } from '../system/native-failures.js';
import type { CheckedCopyOptions } from './options.js';
import type { CopySource } from './source.js';
import { checksumsOfZeros } from './zeros.js';

export interface Moved extends Reduced {
  checksums: Checksums;
  bytes: number;
}

/** The stretches of data, in order; what lies between them are holes. */
async function* dataOf(
  { fd, name, path }: CopySource,
  size: number,
): AsyncGenerator<{ start: number; end: number }> {
  for (let from = 0; from < size; ) {
    const range = await new Promise<{ start: number; end: number } | undefined | NativeFileRefusal>((done) =>
      native.nextData(fd, from, done),
    );
    if (range === undefined) return;
    if (!('start' in range)) throw readFailure(range, name, path);
    if (range.start >= size) return;
    yield { start: range.start, end: Math.min(range.end, size) };
    from = range.end;
  }
}

/** Moves the data into a file of the same size, and leaves the holes. */
export async function move(
  source: CopySource,
  to: number,
  size: number,
  { algorithms, engine, signal, onProgress }: CheckedCopyOptions & { signal: AbortSignal },
): Promise<Moved> {
  const measuring = { algorithms, engine, signal };
  // A file that says it is empty is asked: not every file system that makes content up as it is read is known.
  if (size === 0) return await relay(source.fd, to, { ...measuring, ...(onProgress && { onProgress }) });
  let sums = Checksums.ofNothing(algorithms);
  const appendHole = (bytes: number) => {
    sums = sums.append(checksumsOfZeros(algorithms, bytes), bytes);
  };
  let how: Reduced = { backend: 'userspace', backendReason: 'the file is one hole' };
  let done = 0;
  for await (const { start, end } of dataOf(source, size)) {
    appendHole(start - done);
    const { checksums, bytes, backend, backendReason } = await relay(source.fd, to, {
      ...measuring,
      range: { start, end },
      sinkOffset: start,
      ...(onProgress && { onProgress: (bytes) => onProgress(start + bytes) }),
    });
    sums = sums.append(checksums, bytes);
    how = { backend, backendReason };
    done = end;
  }
  appendHole(size - done);
  return { checksums: sums, bytes: size, ...how };
}
