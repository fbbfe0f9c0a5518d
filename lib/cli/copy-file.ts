/** Copies a file into one that appears whole under its name, measured as it is stored. */

import { fchmod, ftruncate } from 'node:fs';
import { constants, type FileHandle, open, stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { ChecksumValue } from '../checksum/checksum.js';
import { combine, initialValue, toHex } from '../engine/algorithms.js';
import { type AlgorithmName, SluiceError } from '../index.js';
import { native } from '../native.js';
import { relay } from '../relay/relay.js';
import { valueOfZeros } from '../relay/zeros.js';
import { keepUserAttributes } from '../staging/keep-attributes.js';
import { StagedFile } from '../staging/staged-file.js';
import { type Profile, storeChecksums } from '../xattr/index.js';
import { readFailure } from './input.js';

export const keepable = ['mode', 'times', 'xattrs'] as const;
export type Keepable = (typeof keepable)[number];

export interface CopyOptions {
  algorithms: readonly AlgorithmName[];
  engine: 'auto' | 'kernel' | 'userspace';
  /** What the value of the first algorithm must be. */
  verify: bigint | undefined;
  profiles: readonly Profile[];
  keep: readonly Keepable[];
  sync: boolean;
  signal: AbortSignal;
  /** Called now and then with the bytes of the file that are done. */
  onProgress: (bytes: number) => void;
}

type Checksums = Partial<Record<AlgorithmName, ChecksumValue>>;

async function openSource(path: string): Promise<FileHandle> {
  try {
    // Looked at before it is opened: opening a device or a FIFO can do something to it.
    const kind = await stat(path);
    if (kind.isDirectory())
      throw new SluiceError('ERR_SLUICE_IS_DIRECTORY', `${path} is a directory`, { path });
    if (!kind.isFile())
      throw new SluiceError('ERR_SLUICE_NOT_A_FILE', `${path} is not a regular file`, { path });
    return await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    throw error instanceof SluiceError ? error : readFailure(error as NodeJS.ErrnoException, path, path);
  }
}

/** The stretches of data, in order; what lies between them are holes. */
async function* dataOf(
  fd: number,
  path: string,
  size: number,
): AsyncGenerator<{ start: number; end: number }> {
  for (let from = 0; from < size; ) {
    const range = await new Promise<{ start: number; end: number } | undefined | number>((done) =>
      native.nextData(fd, from, done),
    );
    if (typeof range === 'number')
      throw new SluiceError('ERR_SLUICE_IO', `${path} could not be searched for holes`, {
        path,
        errno: -range,
      });
    if (range === undefined || range.start >= size) return;
    yield { start: range.start, end: Math.min(range.end, size) };
    from = range.end;
  }
}

/** Moves the data, leaves the holes, and returns the checksums of the whole. */
async function move(
  from: FileHandle,
  to: number,
  size: number,
  path: string,
  { algorithms, engine, signal, onProgress }: CopyOptions,
): Promise<Checksums> {
  const values = new Map(algorithms.map((name) => [name, initialValue(name)]));
  const append = (valueFor: (name: AlgorithmName) => bigint, bytes: number) => {
    for (const [name, value] of values) values.set(name, combine(name, value, valueFor(name), bytes));
  };
  await promisify(ftruncate)(to, size);
  let done = 0;
  for await (const { start, end } of dataOf(from.fd, path, size)) {
    append((name) => valueOfZeros(name, start - done), start - done);
    const { checksums, bytes } = await relay(from, to, {
      algorithms,
      engine,
      signal,
      sourceOffset: start,
      offset: start,
      length: end - start,
      onProgress: (bytes) => onProgress(start + bytes),
    });
    append((name) => checksums[name]?.value as bigint, bytes);
    done = end;
  }
  append((name) => valueOfZeros(name, size - done), size - done);
  return Object.fromEntries([...values].map(([name, value]) => [name, { value, hex: toHex(name, value) }]));
}

/**
 * Copies a regular file. Until all of it is stored, verified and given its attributes, the destination is what it was.
 *
 * @returns the checksums of what is stored
 * @throws SluiceError ERR_SLUICE_MISMATCH if it is not what it was to be, ERR_SLUICE_CHANGED if the source was changed
 *   meanwhile, and what opening, moving and publishing can meet
 */
export async function copyFile(from: string, to: string, options: CopyOptions): Promise<Checksums> {
  const { verify, profiles, keep, sync, algorithms } = options;
  await using source = await openSource(from);
  const before = await source.stat({ bigint: true });
  const changed = (how: string) =>
    new SluiceError('ERR_SLUICE_CHANGED', `${from} changed while it was copied: ${how}`, { path: from });
  const mode = Number(before.mode & 0o777n);
  await using staged = await StagedFile.create(to, { mode });

  const checksums = await move(source, staged.fd, Number(before.size), from, options).catch((error) => {
    throw error.code === 'ERR_SLUICE_TRUNCATED' ? changed('it became shorter') : error;
  });
  const after = await source.stat({ bigint: true });
  if (after.size !== before.size) throw changed('its size changed');
  if (after.mtimeNs !== before.mtimeNs || after.ctimeNs !== before.ctimeNs)
    throw changed('it was written to');

  const [first] = algorithms as [AlgorithmName];
  const { value, hex } = checksums[first] as ChecksumValue;
  if (verify !== undefined && value !== verify) {
    throw new SluiceError(
      'ERR_SLUICE_MISMATCH',
      `${from} has the ${first} ${hex}, not ${toHex(first, verify)}, and was not copied`,
      { path: from },
    );
  }
  if (keep.includes('xattrs')) await keepUserAttributes(source.fd, staged.fd);
  if (keep.includes('mode')) await promisify(fchmod)(staged.fd, mode);
  if (keep.includes('times')) {
    const status = native.setTimes(staged.fd, before.atimeNs, before.mtimeNs);
    if (status < 0)
      throw new SluiceError('ERR_SLUICE_IO', `The times of ${to} could not be set`, {
        path: to,
        errno: -status,
      });
  }
  // Last, because what is stored names the time of the file's last change.
  if (profiles.length > 0) {
    const values = Object.fromEntries(Object.entries(checksums).map(([name, { value }]) => [name, value]));
    await storeChecksums(staged.fd, values, { profiles, origin: 'engine' });
  }
  await staged.publish({ sync });
  return checksums;
}
