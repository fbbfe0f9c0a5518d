import { type BigIntStats, fstat } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { FileLike } from '../../checksum/file-like.js';
import { SluiceError } from '../../errors/errors.js';
import { withDescriptor } from './open.js';
import { checkProfiles } from './options.js';
import type { FileVersion } from './profiles/profile.js';
import { formats, type Profile } from './profiles/table.js';

/**
 * Two ticks of the kernel's coarse clock at its slowest (100 Hz), in milliseconds: before multigrain time stamps (Linux
 * 6.13) a second write within one tick moves no time stamp.
 */
const twoTicks = 20;

const fstatOf = promisify(fstat);

export async function stampsOf(fd: number): Promise<BigIntStats> {
  try {
    return await fstatOf(fd, { bigint: true });
  } catch (cause) {
    throw new SluiceError('ERR_SLUICE_BAD_DESCRIPTOR', `Descriptor ${fd} is not open`, { cause });
  }
}

/** Nothing at all was done to the file: a write that puts mtime back moves ctime still, and so does storing a checksum. */
export function untouched(a: BigIntStats, b: BigIntStats): boolean {
  return sameVersion(a, b) && a.ctimeNs === b.ctimeNs;
}

export function sameVersion(a: FileVersion, b: FileVersion): boolean {
  return a.size === b.size && a.mtimeNs === b.mtimeNs;
}

/** Milliseconds from a time until a moment that lies ahead by no more than `within`. */
function until(moment: number, now: number, within: number): number {
  // Another machine's clock is not ours to wait for.
  return moment > now && moment <= now + within ? moment - now : 0;
}

/**
 * The stamps as they are now, once every later write moves them, which takes 20 ms at most; or moves them for these
 * profiles, which takes a second more where one keeps whole seconds only.
 */
export async function settledStamps(fd: number, profiles: readonly Profile[] = []): Promise<BigIntStats> {
  const stamps = await stampsOf(fd);
  const second = 1000;
  const now = Date.now();
  const ticksOver = until(Number(stamps.ctimeMs) + twoTicks, now, twoTicks);
  const nextSecond = (Math.floor(Number(stamps.mtimeMs) / second) + 1) * second;
  const secondOver = profiles.some((name) => formats[name].wholeSeconds)
    ? until(nextSecond + twoTicks, now, second + twoTicks)
    : 0;
  const wait = Math.max(ticksOver, secondOver);
  if (wait > 0) await setTimeout(wait);
  return stamps;
}

/**
 * What the file is known by now. To be asked before it is summed, and handed to `storeChecksums`, which then knows
 * whether the values are still the file's. Waits until every later write moves the stamps: 20 ms at most, or a second
 * for `xrdcks`.
 *
 * @param profiles what the values are to be stored in
 */
export async function versionOf(
  file: FileLike,
  profiles: readonly Profile[] = ['sluice'],
): Promise<FileVersion> {
  const kept = checkProfiles(profiles);
  const { size, mtimeNs } = await withDescriptor(file, (fd) => settledStamps(fd, kept));
  return { size, mtimeNs };
}
