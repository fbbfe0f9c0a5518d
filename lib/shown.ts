import { inspect } from 'node:util';

/** Any value for a sentence: text in quotes, the rest as Node's console has it, on one line and not at length. */
export function shown(value: unknown): string {
  if (typeof value === 'string')
    return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}...` : value);
  return inspect(value, { depth: 0, breakLength: Number.POSITIVE_INFINITY, maxArrayLength: 5 });
}
