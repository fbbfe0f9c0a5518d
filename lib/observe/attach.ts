/** Attaches the programs that see what is written, where that can be done and pays. */

import { statfsSync, statSync } from 'node:fs';
import { attachObserve } from '../engine/taps/observe.js';
import type { ObservedFileSystem, ObservePrograms } from '../engine/taps/observe-programs.js';
import { SluiceError } from '../errors/errors.js';
import type { NativeObservePrograms } from '../native/index.js';
import type { CheckedObserveOptions } from './options.js';

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

/** The programs, attached; or why `auto` does without them; neither where the method has none. */
export interface Attached {
  programs?: ObservePrograms;
  refusal?: SluiceError;
}

/** Nobody asked for programs. */
export const mayDoWithout = ({ method, hooks }: CheckedObserveOptions): boolean =>
  method === 'auto' && hooks === undefined;

function known(folder: string, type: number): ObservedFileSystem {
  const name = fileSystems.get(type);
  if (name !== undefined) return name;
  const reason = `No program sees what is written on the file system of ${folder}`;
  throw new SluiceError('ERR_SLUICE_UNSUPPORTED', reason, {
    path: folder,
    remedy: 'Use the method reread, if it is not refused there, too.',
  });
}

/**
 * Loads and attaches the programs.
 *
 * @throws SluiceError why there are none, where there must be
 */
export function attach(folders: readonly string[], options: CheckedObserveOptions): Attached {
  const { method, hooks, algorithms } = options;
  const types = folders.map(typeOf);
  if (method === 'reread' || types.includes(undefined)) return {};
  try {
    const found = folders.map((folder, i) => known(folder, types[i] as number));
    const programs = attachObserve({
      fileSystems: [...new Set(found)],
      method,
      hooks,
      algorithms,
    });
    watchAll(programs, folders);
    return { programs };
  } catch (error) {
    if (mayDoWithout(options) && error instanceof SluiceError) return { refusal: error };
    throw error;
  }
}

/** What the native side keeps of them. */
export function descriptorsOf({ object, method, attached }: ObservePrograms): NativeObservePrograms {
  return {
    finish: object.program('finish').fd,
    control: object.program('control').fd,
    notes: object.map('notes').fd,
    sums: object.map('sums').fd,
    method,
    hooks: attached.map(({ fd }) => fd),
  };
}
