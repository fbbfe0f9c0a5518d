// SPDX-License-Identifier: Apache-2.0
// What must hold before anything is changed: the conditions of the request, and the locks.

import { currentEtag, evaluateConditions } from 'sluice/http';
import { holds, parseIf, tokensIn } from './conditions.mjs';
import { Refusal } from './refusal.mjs';
import { at, look, namesOf } from './tree.mjs';

/** The names that a URL of this server leads to; undefined for one of another server. */
export function namesOfUrl(url, request) {
  const base = `http://${request.headers.host ?? 'localhost'}`;
  let parsed;
  try {
    parsed = new URL(url, base);
  } catch {
    throw new Refusal(400, `"${url}" is no URL`);
  }
  // A proxy in front may have taken off TLS.
  return parsed.host === new URL(base).host ? namesOf(parsed.pathname) : undefined;
}

/** What the names lead to, as conditions see it; undefined where there is nothing. */
async function currentAt(root, names) {
  try {
    return await at(root, names, async (path) => {
      const stat = await look(path);
      return stat === undefined ? undefined : { etag: await currentEtag(path, stat), mtimeMs: stat.mtimeMs };
    });
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

const demands = ['if-match', 'if-none-match', 'if-unmodified-since'];

/** Checks the conditions of HTTP and `If`, and returns the tokens that came in it. */
export async function conditions({ root, locks, request, names }) {
  if (demands.some((name) => name in request.headers)) {
    if (!evaluateConditions(request.method, request.headers, await currentAt(root, names)).ok)
      throw new Refusal(412, 'What has the name is not what the conditions demand');
  }
  const header = request.headers.if;
  if (header === undefined) return new Set();
  const lists = parseIf(header);
  const met = await holds(lists, async (url) => {
    const target = url === undefined ? names : namesOfUrl(url, request);
    if (target === undefined) return { etag: undefined, tokens: new Set() };
    const tokens = new Set(locks.on(target).map(({ token }) => token));
    return { etag: (await currentAt(root, target))?.etag, tokens };
  });
  if (!met) throw new Refusal(412, 'The condition of the field If does not hold');
  return tokensIn(lists);
}

/**
 * Throws unless the client shows the tokens of the locks in the way.
 *
 * @param tokens what `conditions` returned
 * @param change `content` of what the names lead to, or the `place` itself: it appears, goes, and all beneath it
 */
export function unlocked({ locks }, tokens, names, change) {
  const inTheWay = [...locks.on(names)];
  if (change === 'place') {
    if (names.length > 0) inTheWay.push(...locks.on(names.slice(0, -1)));
    inTheWay.push(...locks.beneath(names));
  }
  // Of several locks on one thing, which are shared, one will do.
  const shown = new Set(inTheWay.filter(({ token }) => tokens.has(token)).map(({ key }) => key));
  if (inTheWay.some(({ key }) => !shown.has(key)))
    throw new Refusal(423, 'It is locked', 'lock-token-submitted');
}
