/** Numbers that the kernel keeps in 32 bits. */

import { SluiceError } from '../errors.js';

/** Throws ERR_SLUICE_OPTION for a number that would arrive as another one. */
export function unsigned32(name: string, value: number): number {
  if (!Number.isInteger(value) || value < 0 || value > 0xffff_ffff) {
    throw new SluiceError(
      'ERR_SLUICE_OPTION',
      `${name} is a whole number from 0 to ${0xffff_ffff}, not ${String(value)}`,
    );
  }
  return value;
}
