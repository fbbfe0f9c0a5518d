/** Arguments of the wrong kind. JavaScript may hand over anything, and all that does not fit is ERR_SLUICE_OPTION. */

import { isUint8Array } from 'node:util/types';
import { SluiceError } from '../errors/errors.js';

export function bad(reason: string, cause?: unknown): SluiceError {
  return new SluiceError('ERR_SLUICE_OPTION', reason, { cause });
}

/** What a value is, in a sentence about it. Nothing that an object does keeps the sentence from being written. */
export function shown(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return `"${value}"`;
    case 'bigint':
      return `${value}n`;
    case 'object':
    case 'function':
      return value === null ? 'null' : kindOf(value);
    default:
      return String(value);
  }
}

function kindOf(value: object): string {
  try {
    return Object.prototype.toString.call(value);
  } catch {
    return 'an object that does not say of which kind it is';
  }
}

export function uint8Array(name: string, value: unknown): Uint8Array {
  if (!isUint8Array(value)) throw bad(`${name} is a Uint8Array, not ${shown(value)}`);
  return value;
}

/** Without NUL: the system would take what stands before it for the whole. */
export function text(name: string, value: unknown): string {
  if (typeof value !== 'string' || value.includes('\0')) {
    throw bad(`${name} is a string without NUL, not ${shown(value)}`);
  }
  return value;
}

export function oneOf<T extends string>(name: string, value: T, values: readonly T[]): T {
  if (!values.includes(value)) throw bad(`${name} is one of ${values.join(', ')}, not ${shown(value)}`);
  return value;
}

/** The options of a call, each read once: a getter may throw, or answer otherwise the next time. */
export function optionsOf<T extends object>(given: T, names: readonly (keyof T & string)[]): T {
  const options: Partial<T> = {};
  try {
    for (const name of names) {
      const value = given[name];
      if (value !== undefined) options[name] = value;
    }
  } catch (cause) {
    throw bad(`The options are an object that can be read, not ${shown(given)}`, cause);
  }
  if (typeof given !== 'object') throw bad(`The options are an object, not ${shown(given)}`);
  return options as T;
}

/** The elements of an array, as they are now. */
export function listOf<T>(name: string, value: readonly T[]): T[] {
  try {
    if (Array.isArray(value)) return Array.from<T>(value);
  } catch (cause) {
    throw bad(`${name} is an array that can be read`, cause);
  }
  throw bad(`${name} is an array, not ${shown(value)}`);
}

export function instance<T extends object>(
  name: string,
  kind: abstract new (...args: never) => T,
  value: T,
): T {
  let fits = false;
  try {
    fits = value instanceof kind;
  } catch {
    // A proxy that answers no questions.
  }
  if (!fits) throw bad(`${name} is a ${kind.name}, not ${shown(value)}`);
  return value;
}
