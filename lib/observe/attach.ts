/** Attaches the programs that see what is written, where that can be done and pays. */

import { statfsSync, statSync } from 'node:fs';
import { type HookKind, type ObservedFileSystem, ObservePrograms } from '../engine/taps/observe-programs.js';
import { SluiceError } from '../errors/errors.js';
import type { NativeObservePrograms } from '../native/index.js';
import type { CheckedObserveOptions } from './options.js';

/** By the magic numbers of linux/magic.h. */
const fileSystems: ReadonlyMap<number, ObservedFileSystem> = new Map([
  [0xef53, 'ext4'],
  [0x58465342, 'xfs'],
  [0x01021994, 'tmpfs'],
]);

/** What costs the writer least comes first. */
const kinds: readonly HookKind[] = ['fentry', 'raw_tp', 'kprobe'];
/** File systems that have tracepoints where writes end. */
const traced: readonly ObservedFileSystem[] = ['ext4'];

/** The programs, or why there are none. */
export type Attached = { programs: ObservePrograms; hooks: HookKind } | { reason: string };

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

function load(
  hooks: HookKind,
  found: readonly ObservedFileSystem[],
  folders: readonly string[],
  { algorithms }: CheckedObserveOptions,
): ObservePrograms {
  const programs = new ObservePrograms({ hooks, fileSystems: found, method: 'follow', algorithms });
  try {
    watchAll(programs, folders);
    return programs;
  } catch (error) {
    programs.close();
    throw error;
  }
}

/**
 * Loads and attaches the first kind of programs that this kernel takes.
 *
 * @throws SluiceError why it takes none, where there must be some
 */
export function attach(folders: readonly string[], options: CheckedObserveOptions): Attached {
  const { method } = options;
  if (method === 'reread') return { reason: 'it was asked for' };
  const types = folders.map(typeOf);
  if (types.includes(undefined)) return { reason: 'a folder is not there' };
  const found = types.map((type) => fileSystems.get(type as number));
  const unknown = folders[found.indexOf(undefined)];
  if (unknown !== undefined) {
    const reason = `The programs do not see what is written on the file system of ${unknown}`;
    if (method === 'auto') return { reason };
    const remedy = 'Use the method reread.';
    throw new SluiceError('ERR_SLUICE_UNSUPPORTED', reason, { path: unknown, remedy });
  }
  const known = [...new Set(found)] as ObservedFileSystem[];
  let refusal: unknown;
  for (const hooks of kinds) {
    if (hooks === 'raw_tp' && !known.every((name) => traced.includes(name))) continue;
    try {
      return { programs: load(hooks, known, folders, options), hooks };
    } catch (error) {
      if (!(error instanceof SluiceError)) throw error;
      refusal = error;
    }
  }
  if (method === 'auto') return { reason: (refusal as SluiceError).reason };
  throw refusal;
}

/** What the native side keeps of them. */
export function descriptorsOf({ object, hooks }: ObservePrograms): NativeObservePrograms {
  return {
    finish: object.program('finish').fd,
    control: object.program('control').fd,
    notes: object.map('notes').fd,
    hooks,
  };
}
