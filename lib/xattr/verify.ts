import type { ChecksumResult } from '../checksum/checksum.js';
import { toHex } from '../engine/algorithms.js';
import { checkSelection, type Selection } from './options.js';
import { outdated } from './outdated.js';
import { formats } from './profiles/table.js';
import { type MalformedChecksum, readVersion, type StoredChecksum } from './read.js';
import { checkWay, type SumWay, sumVersion } from './sum.js';
import { settledStamps } from './version.js';

/**
 * From the best to the worst:
 *
 * - `ok`: every value stored is the file's;
 * - `missing`: no value is stored;
 * - `stale`: the file was changed after a value was stored;
 * - `malformed`: an attribute is not in its profile's form;
 * - `rot`: a value is not that of the file, which was not changed since as far as the profile can tell.
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
  /** As `checksum` says it; none where nothing was read. */
  readonly cache?: ChecksumResult['cache'];
  readonly checksums: readonly (VerifiedChecksum | MalformedChecksum)[];
}

export interface VerifyOptions extends Selection, SumWay {}

function statesComputed({ profile, algorithm, value, hex, computed }: VerifiedChecksum): boolean {
  if (computed === undefined || computed === hex) return true;
  return formats[profile].sameOtherwise?.(value, BigInt(`0x${computed}`), algorithm) ?? false;
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

/**
 * Computes an open file's checksums and compares them with those stored. A file for which nothing comparable is stored
 * is not read.
 *
 * @throws SluiceError as `checksum` does: for a file that can't be read, that somebody writes to, or that changed
 */
export async function verifyChecksums(fd: number, options: VerifyOptions = {}): Promise<Verification> {
  checkWay(options, ['profiles', 'algorithms']);
  const { profiles, algorithms, ...way } = options;
  const selection = checkSelection({
    ...(profiles !== undefined && { profiles }),
    ...(algorithms !== undefined && { algorithms }),
  });
  const version = await settledStamps(fd);
  const stored = await readVersion(fd, version, selection);
  const comparable = stored.filter(
    (each): each is StoredChecksum => each.state === 'fresh' || each.state === 'undated',
  );
  const needed = [...new Set(comparable.map(({ algorithm }) => algorithm))];
  if (needed.length === 0) return { verdict: verdictOf(stored), bytes: 0, checksums: stored };
  const { values, cache } = await sumVersion(fd, version, needed, way);
  const checksums = stored.map((each) => {
    if (each.state !== 'fresh' && each.state !== 'undated') return each;
    return { ...each, computed: toHex(each.algorithm, values.get(each.algorithm) as bigint) };
  });
  return { verdict: verdictOf(checksums), bytes: Number(version.size), cache, checksums };
}
