/**
 * Versions of files whose bytes, as they were sent, were not those that were stored. Rot, or somebody who writes: that is
 * for a verification to say, and until it has, no more of them is served.
 */

import type { BigIntStats } from 'node:fs';
import { hasOneMeaning } from '../../files/xattr/compare.js';
import { outdated } from '../../files/xattr/outdated.js';
import { Recent, readStanding, type Standing, versionKey } from '../../files/xattr/rot.js';
import { type Verification, type VerifiedChecksum, verifyChecksums } from '../../files/xattr/verify.js';

export interface Judgement extends Pick<Verification, 'markFailure'> {
  standing: Standing;
  /** Its bytes are not those that were stored, though it has no mark where the descriptor is open for writing, too. */
  isRotten: boolean;
}

/** With the verification that is under way, if one is. */
const suspects = new Recent<Promise<Judgement> | undefined>();
const told = new Recent<true>();

export const isSuspected = (version: BigIntStats): boolean => suspects.has(versionKey(version));

/** Whether who runs the server is to hear of a rotten version: true the first time it is asked. */
export function isNews(version: BigIntStats, { rot }: Standing): boolean {
  const key = `${versionKey(version)} ${rot?.getTime()}`;
  if (told.has(key)) return false;
  told.set(key, true);
  return true;
}

/** Whether a value that proves rot is not that of the bytes. */
function provesRot(checksums: Verification['checksums']): boolean {
  return checksums.some(
    (each) =>
      each.state === 'fresh' &&
      hasOneMeaning(each) &&
      !outdated(each, checksums) &&
      (each as VerifiedChecksum).computed !== each.hex,
  );
}

async function verify(fd: number): Promise<Judgement> {
  const { checksums = [], markFailure } = await verifyChecksums(fd).catch(
    async (error): Promise<Partial<Verification>> => {
      // Another process that marks the file changes its inode.
      if ((await readStanding(fd)).rot) return {};
      throw error;
    },
  );
  const standing = await readStanding(fd);
  const isRotten = standing.rot !== undefined || provesRot(checksums);
  return { standing, isRotten, ...(markFailure && { markFailure }) };
}

/**
 * Reads the file once more, guarded against writers, and marks it if it is rotten. What is rotten and can't be marked,
 * because the descriptor is open for writing, too, is suspected still.
 *
 * @param fd open until this settles
 * @returns what is known of it then
 * @throws SluiceError as `verifyChecksums` does; the version is suspected still
 */
export async function judge(fd: number, version: BigIntStats): Promise<Judgement> {
  const key = versionKey(version);
  const judgement = suspects.get(key) ?? verify(fd);
  suspects.set(key, judgement);
  try {
    const outcome = await judgement;
    if (outcome.isRotten && !outcome.standing.rot) suspects.set(key, undefined);
    else suspects.delete(key);
    return outcome;
  } catch (error) {
    suspects.set(key, undefined);
    throw error;
  }
}
