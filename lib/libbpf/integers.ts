/** Whole numbers of which the kernel, or the way to it, would keep some bits only. */

import type { SluiceError } from '../errors/errors.js';
import { bad, shown } from './arguments.js';

/** Throws ERR_SLUICE_OPTION for a number that would arrive as another one. */
export function integer(name: string, value: number, min: number, max: number): number {
  if (!Number.isInteger(value) || value < min || value > max) throw outside(name, value, min, max);
  return value;
}

export function unsigned32(name: string, value: number): number {
  return integer(name, value, 0, 0xffff_ffff);
}

/** Of a process, a thread or a CPU: −1 stands for all of them, and so would every other number below 0. */
export function idOrAll(name: string, value: number): number {
  return integer(name, value, -1, 0x7fff_ffff);
}

/** In bytes, as far as a number counts them one by one. */
export function offsetInBytes(name: string, value: number): number {
  return integer(name, value, 0, Number.MAX_SAFE_INTEGER);
}

export function unsigned64(name: string, value: bigint): bigint {
  const max = 2n ** 64n - 1n;
  if (typeof value !== 'bigint' || value < 0n || value > max) throw outside(name, value, 0n, max);
  return value;
}

function outside<T extends number | bigint>(name: string, value: unknown, min: T, max: T): SluiceError {
  const kind = typeof max === 'bigint' ? 'bigint' : 'whole number';
  return bad(`${name} is a ${kind} from ${min} to ${max}, not ${shown(value)}`);
}
