import { type BigIntStats, fstat } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { SluiceError } from '../errors.js';
import type { FileVersion } from './profiles/profile.js';

/**
 * Two ticks of the kernel's coarse clock at its slowest (100 Hz), in milliseconds: before multigrain time stamps (Linux
 * 6.13) a second write within one tick moves no time stamp.
 */
const twoTicks = 20;

export async function stampsOf(fd: number): Promise<BigIntStats> {
  try {
    return await promisify(fstat)(fd, { bigint: true });
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

/** The stamps as they are now, once every later write moves them, which takes 20 ms at most. */
export async function settledStamps(fd: number): Promise<BigIntStats> {
  const stamps = await stampsOf(fd);
  const age = Date.now() - Number(stamps.ctimeMs);
  // Another machine's clock is not ours to wait for.
  if (age >= 0 && age < twoTicks) await setTimeout(twoTicks - age);
  return stamps;
}

/**
 * What the file is known by now. To be asked before it is summed, and handed to `storeChecksums`, which then knows
 * whether the values are still the file's. Waits, 20 ms at most, until every later write moves the stamps.
 */
export async function versionOf(fd: number): Promise<FileVersion> {
  const { size, mtimeNs } = await settledStamps(fd);
  return { size, mtimeNs };
}
