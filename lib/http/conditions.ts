/** Conditional requests (RFC 9110, 13). */

import { malformed } from './fields/family.js';
import { elements, type Fields, fieldValue } from './fields/value.js';
import { parseHttpDate } from './http-date.js';

/** What the target of a request is now. */
export interface Current {
  /** Its entity tag, quotes included. */
  etag: string;
  /** When it was last modified, in ms since 1970; fractions of a second don't count. */
  mtimeMs: number | bigint;
}

/** Whether to do what the request asks for, or which status to answer with instead. */
export type Evaluation = { ok: true } | { ok: false; status: 304 | 412 };

type Tags = '*' | string[];

const oneTag = /(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"/g;

/** `*` or a list of entity tags. Throws ERR_SLUICE_FIELD for anything else. */
function parseTags(field: string, value: string): Tags {
  if (value === '*') return '*';
  // A tag may have commas in it: what the commas outside of tags part is looked at with the tags taken out.
  const tags = value.match(oneTag) ?? [];
  const parts = elements(value.replace(oneTag, '"'));
  if (tags.length === 0 || parts.length !== tags.length || parts.some((part) => part !== '"'))
    throw malformed(field, 'is neither * nor a list of quoted entity tags');
  return tags;
}

/** A weak tag equals none (RFC 9110, 8.8.3.2): what begins with W/ is not what begins with a quote. */
function hasStrongly(tags: Tags, current: Current | undefined): boolean {
  if (current === undefined) return false;
  return tags === '*' || (tags.includes(current.etag) && !current.etag.startsWith('W/'));
}

function hasWeakly(tags: Tags, current: Current | undefined): boolean {
  if (current === undefined) return false;
  const opaque = (tag: string) => tag.replace(/^W\//, '');
  return tags === '*' || tags.some((tag) => opaque(tag) === opaque(current.etag));
}

/** Whether the target was modified after a date; undefined where there is no date to tell it by, or no target. */
function modifiedSince(date: string | undefined, current: Current | undefined): boolean | undefined {
  const seconds = parseHttpDate(date ?? '');
  if (seconds === undefined || current === undefined) return undefined;
  return Math.floor(Number(current.mtimeMs) / 1000) > seconds;
}

/** The tags of If-None-Match, if it is there. */
function unwanted(headers: Fields, reads: boolean): Tags | undefined {
  try {
    const value = fieldValue(headers, 'If-None-Match');
    return value === undefined ? undefined : parseTags('If-None-Match', value);
  } catch (error) {
    // To send the whole file is never wrong; to overwrite what the client may have wanted to keep is.
    if (reads) return [];
    throw error;
  }
}

const proceed: Evaluation = { ok: true };
const unmodified: Evaluation = { ok: false, status: 304 };
const failed: Evaluation = { ok: false, status: 412 };

/**
 * Evaluates If-Match, If-Unmodified-Since, If-None-Match and If-Modified-Since, in the order of RFC 9110, 13.2.2.
 *
 * Fields with something else than a date in a date's place are ignored, as the RFC says. Of malformed lists of tags it
 * says nothing: a GET or HEAD ignores its If-None-Match, anything else throws ERR_SLUICE_FIELD.
 *
 * @param current undefined where the target does not exist
 */
export function evaluate(method: string, headers: Fields, current: Current | undefined): Evaluation {
  const reads = method === 'GET' || method === 'HEAD';
  const match = fieldValue(headers, 'If-Match');
  if (match !== undefined) {
    if (!hasStrongly(parseTags('If-Match', match), current)) return failed;
  } else if (modifiedSince(fieldValue(headers, 'If-Unmodified-Since'), current)) return failed;

  const tags = unwanted(headers, reads);
  if (tags !== undefined) {
    if (!hasWeakly(tags, current)) return proceed;
    return reads ? unmodified : failed;
  }
  if (!reads) return proceed;
  return modifiedSince(fieldValue(headers, 'If-Modified-Since'), current) === false ? unmodified : proceed;
}
