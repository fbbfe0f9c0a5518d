/** Which part of a file a GET is for (RFC 9110, 14). */

import { type Fields, fieldValue } from '../fields/value.js';

/** Bytes from `start` up to, not including, `end`. */
export interface Part {
  start: number;
  end: number;
}

/**
 * The one range that `Range` asks for. `undefined` stands for the whole file: if there is no such field, `If-Range`
 * names another version, or the field is malformed, has another unit or several ranges, all of which a server may
 * ignore. `unsatisfiable` is a range that begins behind the end of the file.
 *
 * A date in If-Range is never the version at hand: a file can change twice within the second that it names (RFC 9110,
 * 8.8.2.2), and clients have an entity tag to send.
 */
export function requestedPart(
  headers: Fields,
  { etag, size }: { etag: string; size: number },
): Part | 'unsatisfiable' | undefined {
  const ifRange = fieldValue(headers, 'If-Range');
  if (ifRange !== undefined && ifRange !== etag) return undefined;
  const [, first, last] = /^bytes=(\d*)-(\d*)$/i.exec(fieldValue(headers, 'Range') ?? '') ?? [];
  if (first === undefined || last === undefined || first + last === '') return undefined;
  if (first === '') {
    const length = Math.min(Number(last), size);
    if (Number(last) === 0) return 'unsatisfiable';
    // The last bytes of an empty file are all of it, which Content-Range has no form for.
    return length === 0 ? undefined : { start: size - length, end: size };
  }
  if (last !== '' && Number(last) < Number(first)) return undefined;
  if (Number(first) >= size) return 'unsatisfiable';
  return { start: Number(first), end: last === '' ? size : Math.min(Number(last) + 1, size) };
}
