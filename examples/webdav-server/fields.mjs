// SPDX-License-Identifier: Apache-2.0
// Fields of WebDAV's (RFC 4918, 10) that are a word or two.

import { Refusal } from './refusal.mjs';

/** Most methods that have a depth have these two. A request without the field means infinity. */
export function depthOf({ headers }, allowed = ['0', 'infinity']) {
  const depth = headers.depth?.toLowerCase() ?? 'infinity';
  if (!allowed.includes(depth))
    throw new Refusal(400, `The field Depth is one of ${allowed.join(', ')} here`);
  return depth;
}

/** A folder is moved or removed with all that is in it (RFC 4918, 9.6.1 and 9.9.2). */
export function checkWhole(request, stat) {
  if (stat.isDirectory()) depthOf(request, ['infinity']);
}

export function overwriteOf({ headers }) {
  const overwrite = headers.overwrite?.toUpperCase() ?? 'T';
  if (overwrite !== 'T' && overwrite !== 'F') throw new Refusal(400, 'The field Overwrite is T or F');
  return overwrite === 'T';
}

/** How long a lock is to last, in seconds: the first of the client's wishes that can be read, up to the longest. */
export function timeoutOf({ headers }, longest) {
  for (const wish of (headers.timeout ?? '').split(',')) {
    const [match, seconds = Infinity] = /^(?:infinite|second-(\d+))$/i.exec(wish.trim()) ?? [];
    if (match !== undefined) return Math.min(Math.max(Number(seconds), 1), longest);
  }
  return longest;
}

/** The token in Lock-Token, with the brackets that RFC 4918, 10.5 demands, or without as webdav of npm sends it. */
export function lockTokenOf({ headers }) {
  const [, inBrackets, bare] = /^(?:<([^<>\s]+)>|([^<>\s]+))$/.exec(headers['lock-token'] ?? '') ?? [];
  const token = inBrackets ?? bare;
  if (token === undefined) throw new Refusal(400, 'The field Lock-Token is missing or malformed');
  return token;
}
