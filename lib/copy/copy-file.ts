/** Copies a file into one that appears whole under its name, measured as it is stored. */

import { fchmod, ftruncate } from 'node:fs';
import { promisify } from 'node:util';
import type { FileLike } from '../checksum/file-like.js';
import { toHex } from '../engine/algorithms.js';
import type { Checksums } from '../engine/checksums.js';
import { chooseEngine } from '../engine/choose.js';
import type { Reduced } from '../engine/job.js';
import { concernsOneFile, SluiceError } from '../errors/errors.js';
import { userAttributes } from '../files/staging/keep-attributes.js';
import { type Destination, placeOf, StagedFile } from '../files/staging/staged-file.js';
import { corrupt, differenceOf, foundCorrupt } from '../files/xattr/compare.js';
import { readStanding } from '../files/xattr/rot.js';
import { composeChecksums } from '../files/xattr/store.js';
import { verifyChecksums } from '../files/xattr/verify.js';
import { stampsOf } from '../files/xattr/version.js';
import { native } from '../native/index.js';
import { fromErrno } from '../system/from-errno.js';
import { systemErrorText } from '../system/system-error.js';
import { move } from './move.js';
import { type CheckedCopyOptions, type CopyOptions, checkCopyOptions } from './options.js';
import { CopySource } from './source.js';

export interface CopyResult extends Reduced {
  /** Of the bytes as they are stored. */
  checksums: Checksums;
  /** The size of the copy. */
  bytes: number;
  /** Whether another file had the name of the copy until then. */
  replaced: boolean;
}

/** The error for what the system refused to do with the copy, by which call. */
function storeFailure(what: string, path: string, failure: number, calls: string): SluiceError {
  const why = systemErrorText(Math.abs(failure));
  return fromErrno(failure, `${what} of ${path} could not be set (${why})`, { path, calls });
}

/** A relay knows its ends as source and sink only. */
function withNames(error: unknown, { name, path }: CopySource, dest: string): unknown {
  if (!concernsOneFile(error) || error.path !== undefined) return error;
  const reason = error.reason.replace(/^./, (letter) => letter.toLowerCase());
  const { errno, remedy, cause } = error;
  const details = { path, dest, errno, remedy, cause };
  return new SluiceError(error.code, `${name} could not be copied to ${dest}: ${reason}`, details);
}

/** Throws unless what is stored has the values that were stored for the source: no copy of rot passes for good. */
async function checkSound(
  { fd, name, path, expected: { values } }: CopySource,
  checksums: Checksums,
): Promise<void> {
  const difference = differenceOf(values, checksums);
  if (difference === undefined) return;
  // Which of the two files it is that is not what it should be, the source tells.
  const { markFailure } = await verifyChecksums(fd);
  if ((await readStanding(fd)).rot) throw corrupt(name, difference, markFailure, path);
  const { algorithm, computed, stored } = difference;
  throw new SluiceError(
    'ERR_SLUICE_IO',
    `The ${algorithm} of what was stored is ${toHex(algorithm, computed)}, but ${name} has ${toHex(algorithm, stored)}`,
    { path },
  );
}

function checkExpected(
  { name, path }: CopySource,
  expected: CheckedCopyOptions['expected'],
  checksums: Checksums,
): void {
  const difference = differenceOf(expected, checksums);
  if (difference === undefined) return;
  const { algorithm, computed, stored } = difference;
  throw new SluiceError(
    'ERR_SLUICE_MISMATCH',
    `${name} has the ${algorithm} ${toHex(algorithm, computed)}, not ${toHex(algorithm, stored)}, and was not copied`,
    {
      path,
      remedy: `Copy the file from where it is whole, or see whether the value is its ${algorithm}.`,
    },
  );
}

/** Makes a file for the copy. What the copy does not keep would be lost with the source, were it replaced by it. */
async function stage({ name, path, stamps }: CopySource, target: Destination): Promise<StagedFile> {
  const staged = await StagedFile.create(target, { mode: Number(stamps.mode & 0o777n) });
  const { existing } = staged;
  if (existing?.dev !== stamps.dev || existing.ino !== stamps.ino) return staged;
  await staged.discard();
  const { path: dest } = placeOf(target);
  const details = { path, dest, remedy: 'Name another file for the copy.' };
  throw new SluiceError('ERR_SLUICE_PRECONDITION', `${name} and ${dest} are the same file`, details);
}

/**
 * Copies a regular file. The bytes move without entering user space wherever the file systems take that, and are summed as
 * the copy holds them; holes stay holes. Until all is stored, verified and given its attributes, the target is what it was.
 *
 * Of a source that has checksums stored with it, every byte is held against them: a copy of rot is not made.
 *
 * @param source its position, if it is open, is neither used nor moved
 * @param target replaced at once, if it is there
 * @throws SluiceError ERR_SLUICE_CORRUPT if the source is rotten; ERR_SLUICE_WRITER if somebody has it open for writing,
 *   and ERR_SLUICE_CHANGED if it changes while it is copied; ERR_SLUICE_MISMATCH if it has not the values expected;
 *   ERR_SLUICE_PRECONDITION if the target is the source, or a link to it; and what opening, moving and publishing can
 *   meet
 */
export async function copyFile(
  source: FileLike,
  target: Destination,
  options: CopyOptions = {},
): Promise<CopyResult> {
  const checked = checkCopyOptions(options);
  const { path: to } = placeOf(target);
  const { algorithms, engine, expected, profiles, keep, sync } = checked;
  chooseEngine(engine, algorithms); // one that is not to be had fails before anything is made
  using from = await CopySource.open(source);
  const { name, path, stamps } = from;
  if (from.expected.standing.rot) throw foundCorrupt(name, { path, repeated: true });
  await using staged = await stage(from, target);

  const size = native.isGenerated(from.fd) ? 0 : Number(stamps.size);
  await promisify(ftruncate)(staged.fd, size).catch(({ errno }) => {
    throw storeFailure('The size', to, errno, 'ftruncate');
  });
  const all = [...new Set([...algorithms, ...expected.keys(), ...from.expected.values.keys()])];
  const signal = AbortSignal.any([from.signal, ...(checked.signal ? [checked.signal] : [])]);
  const moved = await move(from, staged.fd, size, { ...checked, algorithms: all, signal }).catch(
    async (error) => {
      if (!checked.signal?.aborted) await from.confirm(); // that it changed explains any other failure
      throw withNames(error, from, to);
    },
  );
  const kept = keep.includes('xattrs') ? await userAttributes(from.fd) : [];
  await from.confirm();
  await checkSound(from, moved.checksums);
  from[Symbol.dispose](); // those who want to write to it need not wait for the disk of the other file
  checkExpected(from, expected, moved.checksums);

  if (keep.includes('mode')) {
    await promisify(fchmod)(staged.fd, Number(stamps.mode & 0o777n)).catch(({ errno }) => {
      throw storeFailure('The mode', to, errno, 'fchmod');
    });
  }
  if (keep.includes('times')) {
    const refused = native.setTimes(staged.fd, stamps.atimeNs, stamps.mtimeNs);
    if (refused) throw storeFailure('The times', to, refused.errno, 'futimens');
  }
  const checksums = moved.checksums.only(algorithms);
  // What is stored names the time of the file's last change.
  const version = await stampsOf(staged.fd);
  const sums =
    profiles.length > 0 ? composeChecksums(checksums, { profiles, origin: 'written', version }) : [];
  const { replaced } = await staged.publish({ attributes: [...kept, ...sums], version, sync });
  const { bytes, backend, backendReason } = moved;
  return { checksums, bytes, replaced, backend, backendReason };
}
