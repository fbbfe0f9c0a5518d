/** Attaches the programs that see what is written, where that can be done and pays. */

import { statfsSync, statSync } from 'node:fs';
import { attachObserve } from '../engine/taps/observe.js';
import type { ObservedFileSystem, ObservePrograms } from '../engine/taps/observe-programs.js';
import { SluiceError } from '../errors/errors.js';
import type { NativeObservePrograms } from '../native/index.js';
import type { CheckedObserveOptions, Method } from './options.js';

/** By the magic numbers of linux/magic.h. */
const fileSystems: ReadonlyMap<number, ObservedFileSystem> = new Map([
  [0xef53, 'ext4'],
  [0x58465342, 'xfs'],
  [0x01021994, 'tmpfs'],
]);

/** Undefined where it can't be told: to open the folder says why. */
function typeOf(folder: string): number | undefined {
  try {
    return statfsSync(folder).type;
  } catch {
    return undefined;
  }
}

/** dev_t as the kernel has it within: major << 20 | minor. */
function kernelDev(dev: bigint): number {
  const major = ((dev >> 8n) & 0xfffn) | ((dev >> 32n) & ~0xfffn);
  const minor = (dev & 0xffn) | ((dev >> 12n) & ~0xffn);
  return Number((major << 20n) | minor);
}

function watchAll(programs: ObservePrograms, folders: readonly string[]): void {
  const roots = new Map<number, bigint[]>();
  for (const folder of folders) {
    const { dev, ino } = statSync(folder, { bigint: true });
    const key = kernelDev(dev);
    roots.set(key, [...(roots.get(key) ?? []), ino]);
  }
  for (const [dev, inodes] of roots) programs.watch(dev, inodes);
}

/**
 * Loads and attaches the programs; none where `auto` has to do without them.
 *
 * @throws SluiceError why there are none, where there must be
 */
export function attach(
  folders: readonly string[],
  { method, algorithms }: CheckedObserveOptions,
): ObservePrograms | undefined {
  const types = folders.map(typeOf);
  if (method === 'reread' || types.includes(undefined)) return undefined;
  const found = types.map((type) => fileSystems.get(type as number));
  try {
    const unknown = folders[found.indexOf(undefined)];
    if (unknown !== undefined) {
      const reason = `The programs do not see what is written on the file system of ${unknown}`;
      const remedy = 'Use the method reread.';
      throw new SluiceError('ERR_SLUICE_UNSUPPORTED', reason, { path: unknown, remedy });
    }
    const known = [...new Set(found)] as ObservedFileSystem[];
    const programs = attachObserve({
      fileSystems: known,
      method: method === 'hook' ? 'hook' : 'follow',
      algorithms,
    });
    watchAll(programs, folders);
    return programs;
  } catch (error) {
    if (method === 'auto' && error instanceof SluiceError) return undefined;
    throw error;
  }
}

/** What the native side keeps of them. */
export function descriptorsOf({ object, attached }: ObservePrograms, method: Method): NativeObservePrograms {
  return {
    finish: object.program('finish').fd,
    control: object.program('control').fd,
    notes: object.map('notes').fd,
    sums: object.map('sums').fd,
    hook: method === 'hook',
    hooks: attached,
  };
}
