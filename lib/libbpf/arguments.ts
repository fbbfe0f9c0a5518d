/** Arguments of the wrong kind, which the native side would not see, or take for none. */

import { isUint8Array } from 'node:util/types';
import { SluiceError } from '../errors.js';
import { shown } from './codec.js';

export function bad(reason: string): SluiceError {
  return new SluiceError('ERR_SLUICE_OPTION', reason);
}

export function uint8Array(name: string, value: unknown): Uint8Array {
  if (!isUint8Array(value)) throw bad(`${name} is a Uint8Array, not ${shown(value)}`);
  return value;
}

export function oneOf<T extends string>(name: string, value: T, values: readonly T[]): T {
  if (!values.includes(value)) throw bad(`${name} is one of ${values.join(', ')}, not ${shown(value)}`);
  return value;
}
