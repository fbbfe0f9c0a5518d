// SPDX-License-Identifier: Apache-2.0
// The `If` field of WebDAV (RFC 4918, 10.4): lists of tokens and entity tags, one of which must be true.

import { Refusal } from './refusal.mjs';

const piece = /\s*(?:<([^>]*)>|(\()|(\))|(Not)\b|\[((?:W\/)?"[^"]*")\])\s*/iy;

/** [{ resource?, conditions: [{ not, token? , etag? }] }] */
export function parseIf(text) {
  const lists = [];
  let resource;
  let list;
  let not = false;
  piece.lastIndex = 0;
  while (piece.lastIndex < text.length) {
    const match = piece.exec(text);
    if (match === null) throw new Refusal(400, 'The field If is malformed');
    const [, uri, open, close, negation, etag] = match;
    if (open && list === undefined) {
      list = { resource, conditions: [] };
    } else if (close && list?.conditions.length > 0 && !not) {
      lists.push(list);
      list = undefined;
    } else if (negation && list !== undefined && !not) {
      not = true;
    } else if (uri !== undefined && list === undefined) {
      resource = uri;
    } else if ((uri !== undefined || etag !== undefined) && list !== undefined) {
      list.conditions.push({ not, token: uri, etag });
      not = false;
    } else {
      throw new Refusal(400, 'The field If is malformed');
    }
  }
  if (list !== undefined || lists.length === 0) throw new Refusal(400, 'The field If is malformed');
  return lists;
}

/** The lock tokens that the client shows it knows. */
export function tokensIn(lists) {
  return new Set(
    lists.flatMap(({ conditions }) =>
      conditions.map(({ token }) => token).filter((token) => token !== undefined),
    ),
  );
}

/**
 * Whether one of the lists is true.
 *
 * @param state gives, for a resource's URL or undefined for the request's own, { etag?, tokens: Set }
 */
export async function holds(lists, state) {
  const states = new Map(); // of thousands of lists that a field may have, most are for one resource
  for (const { resource, conditions } of lists) {
    if (!states.has(resource)) states.set(resource, await state(resource));
    const { etag, tokens } = states.get(resource);
    const met = conditions.every((each) => {
      const found = each.token === undefined ? each.etag === etag : tokens.has(each.token);
      return found !== each.not;
    });
    if (met) return true;
  }
  return false;
}
