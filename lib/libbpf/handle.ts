/** The objects that this module hands out, and takes back as arguments and as `this`. */

import { bad, shown } from './arguments.js';

/** A class, whether or not others may construct its objects. */
interface Kind<T> {
  readonly name: string;
  readonly prototype: T;
  [Symbol.hasInstance](value: unknown): boolean;
}

let isMade: (value: object) => boolean;

/** What all of them extend: it tells them from what only looks like them, as a proxy does. */
export abstract class Handle {
  readonly #made = true;

  static {
    isMade = (value) => #made in value;
  }
}

/** An argument that is one of our objects. */
export function handle<T extends Handle>(name: string, kind: Kind<T>, value: T): T {
  const genuine = typeof value === 'object' && value !== null && isMade(value);
  if (!genuine || !(value instanceof kind)) throw bad(`${name} is a ${kind.name}, not ${shown(value)}`);
  return value;
}

/** Lets the methods of a class refuse a `this` that is none of its objects, as they refuse other arguments. */
export function refuseStrangers(kind: Kind<Handle>): void {
  for (const key of Reflect.ownKeys(kind.prototype)) {
    const property = Object.getOwnPropertyDescriptor(kind.prototype, key);
    if (!property || key === 'constructor') continue;
    for (const part of ['value', 'get', 'set'] as const) {
      const method: unknown = property[part];
      if (typeof method !== 'function') continue;
      property[part] = function (this: Handle, ...args: unknown[]): unknown {
        return Reflect.apply(
          method,
          handle(`What ${kind.name}.${String(key)} is called on`, kind, this),
          args,
        );
      };
    }
    Object.defineProperty(kind.prototype, key, property);
  }
}
