import type { ChecksumResult } from '../../checksum/checksum.js';
import type { FileLike } from '../../checksum/file-like.js';
import type { SluiceError } from '../../errors/errors.js';
import { differenceOf, expectedOf } from './compare.js';
import { withDescriptor } from './open.js';
import { checkSelection, type Selection } from './options.js';
import { outdated } from './outdated.js';
import { formats } from './profiles/table.js';
import { type MalformedChecksum, readKept, type StoredChecksum } from './read.js';
import { clearMark, markRotten } from './rot.js';
import { checkWay, type SumWay, sumVersion } from './sum.js';
import { settledStamps } from './version.js';

/**
 * From the best to the worst:
 *
 * - `ok`: every value stored is the file's;
 * - `missing`: no value is stored;
 * - `stale`: the file was changed after a value was stored;
 * - `malformed`: an attribute is not in its profile's form;
 * - `rot`: a value is not that of the file, which was not changed since as far as the profile can tell; or the file was
 *   found rotten before, is as it was, and has no value by which it could be found good.
 */
export type Verdict = 'ok' | 'missing' | 'stale' | 'malformed' | 'rot';

export interface VerifiedChecksum extends StoredChecksum {
  /** The file's own value in hexadecimal; none for a stale one, which has nothing to be compared with. */
  readonly computed?: string;
}

export interface Verification {
  readonly verdict: Verdict;
  /** Bytes that were read for it. */
  readonly bytes: number;
  /** As `checksum` says it; none where nothing was read. So are the next two. */
  readonly cache?: ChecksumResult['cache'];
  readonly backend?: ChecksumResult['backend'];
  readonly backendReason?: ChecksumResult['backendReason'];
  /** Those selected, and of the others those that tell of rot. */
  readonly checksums: readonly (VerifiedChecksum | MalformedChecksum)[];
  /** Why the mark that keeps a rotten version from being served could not be set, or not be removed. */
  readonly markFailure?: SluiceError;
}

export interface VerifyOptions extends Selection, SumWay {}

function statesComputed({ profile, algorithm, value, hex, computed }: VerifiedChecksum): boolean {
  if (computed === undefined || computed === hex) return true;
  return formats[profile].otherMeaning?.(algorithm, value) === BigInt(`0x${computed}`);
}

function verdictOf(checksums: Verification['checksums']): Verdict {
  const differ = checksums.filter(
    (each): each is VerifiedChecksum => 'computed' in each && !statesComputed(each as VerifiedChecksum),
  );
  if (differ.some((each) => !outdated(each, checksums))) return 'rot';
  if (checksums.some(({ state }) => state === 'malformed')) return 'malformed';
  if (checksums.some(({ state }) => state === 'stale')) return 'stale';
  return checksums.length === 0 ? 'missing' : 'ok';
}

const isComparable = (each: StoredChecksum | MalformedChecksum): each is StoredChecksum =>
  each.state === 'fresh' || each.state === 'undated';

/**
 * Computes a file's checksums and compares them with those stored. A file for which nothing comparable is stored
 * is not read.
 *
 * A version that a fresh value proves rotten is marked in `user.sluice`, so that no part of it is served any more; one
 * that is found good loses its mark. What is not selected is held against the file all the same, so that one value that is
 * right hides no other. A file that the caller's own descriptor may write to is not marked: he may be the one who did.
 *
 * @throws SluiceError as `checksum` does: for a file that can't be read, that somebody writes to, or that changed
 */
export async function verifyChecksums(file: FileLike, options: VerifyOptions = {}): Promise<Verification> {
  checkWay(options, ['profiles', 'algorithms']);
  return withDescriptor(file, (fd) => verify(fd, options));
}

async function verify(fd: number, options: VerifyOptions): Promise<Verification> {
  const { profiles, algorithms, ...way } = options;
  const selection = checkSelection({
    ...(profiles !== undefined && { profiles }),
    ...(algorithms !== undefined && { algorithms }),
  });
  const version = await settledStamps(fd);
  const { checksums: stored, standing } = await readKept(fd, version, selection);
  const comparable = stored.filter(isComparable);
  if (comparable.length === 0 && !standing.rot)
    return { verdict: verdictOf(stored), bytes: 0, checksums: stored };
  const expected = await expectedOf(fd, version);
  const needed = new Set([...comparable.map(({ algorithm }) => algorithm), ...expected.values.keys()]);
  if (needed.size === 0) return { verdict: 'rot', bytes: 0, checksums: stored };
  const { checksums: sums, guarded, ...how } = await sumVersion(fd, version, [...needed], way);
  const others = expected.stored.filter(
    (each) =>
      sums.get(each.algorithm) !== each.value &&
      !comparable.some(({ profile, algorithm }) => profile === each.profile && algorithm === each.algorithm),
  );
  const checksums = [...stored, ...others].map((each) =>
    isComparable(each) ? { ...each, computed: sums.hex(each.algorithm) as string } : each,
  );
  const verdict = verdictOf(checksums);
  let markFailure: SluiceError | undefined;
  if (differenceOf(expected.values, sums)) {
    if (guarded) markFailure = await markRotten(fd, version);
  } else if (standing.rot && verdict !== 'rot') markFailure = await clearMark(fd, version);
  return { verdict, ...how, checksums, ...(markFailure && { markFailure }) };
}
