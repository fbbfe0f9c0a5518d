/** What a file is held against: the values that were stored for just this version of it. */

import type { BigIntStats } from 'node:fs';
import type { FileLike } from '../../checksum/file-like.js';
import { type AlgorithmName, algorithms, toHex } from '../../engine/algorithms.js';
import { Checksums } from '../../engine/checksums.js';
import { SluiceError } from '../../errors/errors.js';
import { withDescriptor } from './open.js';
import { outdated } from './outdated.js';
import { formats, type Profile } from './profiles/table.js';
import { readKept, type StoredChecksum } from './read.js';
import type { Standing } from './rot.js';
import { stampsOf } from './version.js';

/** Those that tell a change. `sluice` comes first: it alone tells two writes within a second. */
const dated: readonly Profile[] = ['sluice', 'xrdcks'];

/** Whether a value can be stated, and prove rot: some records may mean one of two. */
export function hasOneMeaning({ profile, algorithm, value }: StoredChecksum): boolean {
  return formats[profile].otherMeaning?.(algorithm, value) === undefined;
}

export interface Expected {
  /** What is fresh, in whichever profile. */
  readonly stored: readonly StoredChecksum[];
  /** Of several profiles the first that has a value counts. */
  readonly values: Checksums;
  readonly standing: Standing;
}

/** What the bytes of an open file must have; nothing where its file system keeps no attributes. */
export async function expectedOf(fd: number, now: BigIntStats): Promise<Expected> {
  try {
    const { checksums, standing } = await readKept(fd, now, { profiles: dated, algorithms });
    const stored = checksums.filter(
      (each): each is StoredChecksum => each.state === 'fresh' && !outdated(each, checksums),
    );
    const values = new Map<AlgorithmName, bigint>();
    for (const each of stored)
      if (hasOneMeaning(each) && !values.has(each.algorithm)) values.set(each.algorithm, each.value);
    return { stored, values: new Checksums(values), standing };
  } catch (error) {
    if (!(error instanceof SluiceError) || error.code !== 'ERR_SLUICE_NO_ATTRIBUTES') throw error;
    return { stored: [], values: new Checksums([]), standing: {} };
  }
}

/**
 * What the bytes of a file must have, as it is now: the values that were stored for just this version of it and have
 * one meaning. What differs from them is rotten.
 */
export function expectedChecksums(file: FileLike): Promise<Checksums> {
  return withDescriptor(file, async (fd) => (await expectedOf(fd, await stampsOf(fd))).values);
}

export interface Difference {
  algorithm: AlgorithmName;
  stored: bigint;
  computed: bigint;
}

/**
 * The first of the values expected that the bytes do not have.
 *
 * @param sums of the bytes, by all algorithms expected
 */
export function differenceOf(expected: Checksums, sums: Checksums): Difference | undefined {
  for (const [algorithm, stored] of expected) {
    const computed = sums.get(algorithm) as bigint;
    if (computed !== stored) return { algorithm, stored, computed };
  }
  return undefined;
}

/**
 * The error for a file that was just found rotten.
 *
 * @param name in the sentence
 * @param unmarked why the mark could not be kept with it
 */
export function corrupt(
  name: string,
  { algorithm, stored, computed }: Difference,
  unmarked?: SluiceError,
  path?: string,
): SluiceError {
  const [is, was] = [toHex(algorithm, computed), toHex(algorithm, stored)];
  const reason = `The ${algorithm} of ${name} is ${is}, not ${was} as was stored for it, though nobody is known to have written to it`;
  const where = unmarked
    ? `${reason}. Only this process knows of it until it ends, because the mark of rot could not be kept with the file: ${unmarked.message.replace(/\.$/, '')}`
    : reason;
  return new SluiceError('ERR_SLUICE_CORRUPT', where, { path, cause: unmarked });
}

/** The error for a file that was found rotten before. */
export function foundCorrupt(
  name: string,
  details: { path?: string | undefined; repeated?: boolean } = {},
): SluiceError {
  return new SluiceError(
    'ERR_SLUICE_CORRUPT',
    `${name} was found rotten, and has not changed since`,
    details,
  );
}
