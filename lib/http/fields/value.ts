/** The text of a field, as node:http hands it over. */

import { malformed } from './family.js';

/** Header or trailer fields: names in lower case. */
export type Fields = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Longer values are not looked at: eight digests of the longest kind take 900 characters. */
const longest = 4096;

/** Names of fields in lower case, as they are asked for: a request is asked for thirty. */
const keys = new Map<string, string>();

function keyOf(name: string): string {
  const known = keys.get(name);
  if (known !== undefined) return known;
  const key = name.toLowerCase();
  keys.set(name, key);
  return key;
}

/** The value of a field; several lines of it are one list (RFC 9110, 5.2). Throws ERR_SLUICE_FIELD if it is too long. */
export function fieldValue(fields: Fields, name: string): string | undefined {
  const lines = fields[keyOf(name)];
  const value = Array.isArray(lines) ? lines.join(', ') : (lines as string | undefined);
  if (value !== undefined && value.length > longest)
    throw malformed(name, `has ${value.length} characters, more than ${longest}`);
  return value;
}

/** The elements of a comma-separated list; empty ones count for nothing (RFC 9110, 5.6.1). */
export function elements(value: string): string[] {
  return value
    .split(',')
    .map((element) => element.replace(/^[ \t]+|[ \t]+$/g, ''))
    .filter((element) => element !== '');
}
