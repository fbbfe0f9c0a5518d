/** Copies a file into one that appears whole under its name, measured as it is stored. */

import { fchmod, ftruncate } from 'node:fs';
import { promisify } from 'node:util';
import { quoteName } from '../cli/output/quote.js';
import type { AlgorithmName } from '../engine/algorithms.js';
import { toHex } from '../engine/algorithms.js';
import { Checksums, type ChecksumValue } from '../engine/checksums.js';
import { SluiceError } from '../errors/errors.js';
import { fromErrno } from '../errors/from-errno.js';
import { readFailure } from '../errors/native-failures.js';
import { systemErrorText } from '../errors/system-error.js';
import { userAttributes } from '../files/staging/keep-attributes.js';
import { StagedFile } from '../files/staging/staged-file.js';
import { corrupt, differenceOf, type Expected, expectedOf, foundCorrupt } from '../files/xattr/compare.js';
import type { Profile } from '../files/xattr/profiles/table.js';
import { readStanding } from '../files/xattr/rot.js';
import { checkPlaces, composeChecksums } from '../files/xattr/store.js';
import { verifyChecksums } from '../files/xattr/verify.js';
import { stampsOf } from '../files/xattr/version.js';
import { type NativeFileRefusal, native } from '../native/index.js';
import { relay } from '../relay/relay.js';
import { CopySource } from './source.js';
import { checksumsOfZeros } from './zeros.js';

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

/** The error for what the system refused to do with the copy, by which call. */
function storeFailure(what: string, path: string, failure: number, calls: string): SluiceError {
  const why = systemErrorText(Math.abs(failure));
  return fromErrno(failure, `${what} of ${path} could not be set (${why})`, { path, calls });
}

/** The stretches of data, in order; what lies between them are holes. */
async function* dataOf(
  fd: number,
  path: string,
  size: number,
): AsyncGenerator<{ start: number; end: number }> {
  for (let from = 0; from < size; ) {
    const range = await new Promise<{ start: number; end: number } | undefined | NativeFileRefusal>((done) =>
      native.nextData(fd, from, done),
    );
    if (range === undefined) return;
    if (!('start' in range)) throw readFailure(range, path, path);
    if (range.start >= size) return;
    yield { start: range.start, end: Math.min(range.end, size) };
    from = range.end;
  }
}

/** Moves the data, leaves the holes, and returns the checksums of the whole. */
async function move(
  { fd: from, path }: CopySource,
  to: number,
  size: number,
  { algorithms, engine, onProgress }: CopyOptions,
  signal: AbortSignal,
): Promise<Checksums> {
  // A file that says it is empty is asked: not every file system that makes content up as it is read is known.
  if (size === 0) return (await relay(from, to, { algorithms, engine, signal, onProgress })).checksums;
  let sums = Checksums.ofNothing(algorithms);
  const appendHole = (bytes: number) => {
    sums = sums.append(checksumsOfZeros(algorithms, bytes), bytes);
  };
  let done = 0;
  for await (const { start, end } of dataOf(from, path, size)) {
    appendHole(start - done);
    const { checksums, bytes } = await relay(from, to, {
      algorithms,
      engine,
      signal,
      sourceOffset: start,
      offset: start,
      length: end - start,
      onProgress: (bytes) => onProgress(start + bytes),
    });
    sums = sums.append(checksums, bytes);
    done = end;
  }
  appendHole(size - done);
  return sums;
}

/** A relay knows its ends as source and sink only. */
function withNames(error: unknown, from: string, to: string): unknown {
  if (!(error instanceof SluiceError) || error.path !== undefined || error.exitStatus !== 1) return error;
  const reason = error.reason.replace(/^./, (letter) => letter.toLowerCase());
  const { errno, remedy, cause } = error;
  const details = { path: from, errno, remedy, cause };
  return new SluiceError(error.code, `${from} could not be copied to ${quoteName(to)}: ${reason}`, details);
}

/** Throws unless what is stored has the values that were stored for the source: no copy of rot passes for good. */
async function checkSound(
  { fd, path }: CopySource,
  { values }: Expected,
  checksums: Checksums,
): Promise<void> {
  const difference = differenceOf(values, checksums);
  if (difference === undefined) return;
  // Which of the two files it is that is not what it should be, the source tells.
  const { markFailure } = await verifyChecksums(fd);
  if ((await readStanding(fd)).rot) throw corrupt(path, difference, markFailure, path);
  const { algorithm, computed, stored } = difference;
  throw new SluiceError(
    'ERR_SLUICE_MISMATCH',
    `The ${algorithm} of what was stored is ${toHex(algorithm, computed)}, but ${path} has ${toHex(algorithm, stored)}`,
    { path },
  );
}

/**
 * Copies a regular file. Until all of it is stored, verified and given its attributes, the destination is what it was.
 *
 * @returns the checksums of what is stored
 * @throws SluiceError ERR_SLUICE_CORRUPT if the source is rotten; ERR_SLUICE_PRECONDITION if the destination is the source, or a link to it; ERR_SLUICE_MISMATCH if
 *   it is not what it was to be; ERR_SLUICE_WRITER and ERR_SLUICE_CHANGED if somebody writes to the source or has done so
 *   meanwhile; and what opening, moving and publishing can meet
 */
export async function copyFile(from: string, to: string, options: CopyOptions): Promise<Checksums> {
  const { verify, profiles, keep, sync, algorithms } = options;
  if (profiles.length > 0) checkPlaces(profiles, algorithms);
  using source = await CopySource.open(from);
  const { stamps } = source;
  const expected = await expectedOf(source.fd, stamps);
  if (expected.standing.rot) throw foundCorrupt(from, { path: from });
  const mode = Number(stamps.mode & 0o777n);
  await using staged = await StagedFile.create(to, { mode });
  const { existing } = staged;
  if (existing?.dev === stamps.dev && existing.ino === stamps.ino) {
    // What the copy does not keep would be lost with the source.
    throw new SluiceError('ERR_SLUICE_PRECONDITION', `${quoteName(from)} and ${to} are the same file`, {
      path: to,
      remedy: 'Name another file for the copy.',
    });
  }

  const size = native.isGenerated(source.fd) ? 0 : Number(stamps.size);
  await promisify(ftruncate)(staged.fd, size).catch(({ errno }) => {
    throw storeFailure('The size', to, errno, 'ftruncate');
  });
  const interrupt = AbortSignal.any([options.signal, source.signal]);
  const measured = { ...options, algorithms: [...new Set([...algorithms, ...expected.values.keys()])] };
  const all = await move(source, staged.fd, size, measured, interrupt).catch(async (error) => {
    if (!options.signal.aborted) await source.confirm(); // that it changed explains any other failure
    throw withNames(error, from, to);
  });
  const kept = keep.includes('xattrs') ? await userAttributes(source.fd) : [];
  await source.confirm();
  await checkSound(source, expected, all);
  source[Symbol.dispose](); // whoever wants to write to it need not wait for the disk of the other file

  const checksums = all.only(algorithms);
  const [first] = algorithms as [AlgorithmName];
  const { value, hex } = checksums[first] as ChecksumValue;
  if (verify !== undefined && value !== verify) {
    throw new SluiceError(
      'ERR_SLUICE_MISMATCH',
      `${from} has the ${first} ${hex}, not ${toHex(first, verify)}, and was not copied`,
      {
        path: from,
        remedy: `Copy the file from where it is whole, or see whether the value is its ${first} (-a names another).`,
      },
    );
  }
  if (keep.includes('mode')) {
    await promisify(fchmod)(staged.fd, mode).catch(({ errno }) => {
      throw storeFailure('The mode', to, errno, 'fchmod');
    });
  }
  if (keep.includes('times')) {
    const refused = native.setTimes(staged.fd, stamps.atimeNs, stamps.mtimeNs);
    if (refused) throw storeFailure('The times', to, refused.errno, 'futimens');
  }
  // What is stored names the time of the file's last change.
  const version = await stampsOf(staged.fd);
  const sums =
    profiles.length > 0 ? composeChecksums(checksums, { profiles, origin: 'written', version }) : [];
  await staged.publish({ attributes: [...kept, ...sums], version, sync });
  return checksums;
}
