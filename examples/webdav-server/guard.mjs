// SPDX-License-Identifier: Apache-2.0
// What must hold before anything is changed: the conditions of the request, and the locks.

import { dirname } from 'node:path';
import { SluiceError } from 'sluice';
import { currentEtag, evaluateConditions, withFolderLocked } from 'sluice/http';
import { holds, parseIf, tokensIn } from './conditions.mjs';
import { Refusal, Unmet } from './refusal.mjs';
import { at, look, pathOf } from './tree.mjs';
import { namesOfUrl } from './urls.mjs';

/**
 * As `at`, while nothing that holds the folder's lock can take the place of what the names lead to: what `work` looks at
 * is what it changes. It may not call `receive`, `moveFile` or `removeFile`, which wait for the lock.
 */
export const atLocked = (root, names, work) =>
  at(root, names, (path) => withFolderLocked(dirname(path), () => work(path)));

/** What the names lead to: { stat, etag }, or undefined where there is nothing that is served. */
async function currentAt(root, names) {
  try {
    return await at(root, names, async (path) => {
      const stat = await look(path);
      return stat === undefined ? undefined : { stat, etag: await currentEtag(path, stat) };
    });
  } catch (error) {
    if (error instanceof Refusal || error.code === 'ERR_SLUICE_OUTSIDE') return undefined;
    throw error;
  }
}

const etags = ['if-match', 'if-none-match', 'if-unmodified-since'];

/**
 * Checks the conditions of HTTP and `If`.
 *
 * @returns the `tokens` that came in it, and in `seen` what was where a condition asked for more than a lock: `Seen`
 */
export async function demands(context) {
  const { root, locks, request, names } = context;
  const seen = new Seen(root);
  // GET and HEAD answer these themselves.
  const reads = request.method === 'GET' || request.method === 'HEAD';
  if (!reads && etags.some((name) => name in request.headers)) {
    // For what a PUT replaces, `receive` sees to it.
    const there = await (request.method === 'PUT' ? currentAt(root, names) : seen.at(names));
    const current = there && { etag: there.etag, mtimeMs: there.stat.mtimeMs };
    if (!evaluateConditions(request.method, request.headers, current).ok)
      throw new Refusal(412, 'What has the name is not what the conditions demand');
  }
  const header = request.headers.if;
  if (header === undefined) return { tokens: new Set(), seen };
  const lists = parseIf(header);
  const met = await holds(lists, {
    async etag(url) {
      const target = url === undefined ? names : namesOfUrl(url, context);
      const there = target && (await seen.at(target));
      return there?.etag;
    },
    tokens(url) {
      const target = url === undefined ? names : namesOfUrl(url, context);
      return new Set(target && locks.on(target).map(({ token }) => token));
    },
  });
  if (!met) throw new Refusal(412, 'The condition of the field If does not hold');
  return { tokens: tokensIn(lists), seen };
}

/** As `demands`, for what is done in `atLocked`, or changes no file. Returns the tokens. */
export const conditions = async (context) => (await demands(context)).tokens;

/** A folder is the same one whatever is in it by now. */
export function isStill(stat, { dev, ino, birthtimeNs, size, mtimeNs }) {
  if (stat?.dev !== dev || stat.ino !== ino || stat.birthtimeNs !== birthtimeNs) return false;
  return stat.isDirectory() || (stat.size === size && stat.mtimeNs === mtimeNs);
}

/** What conditions were true of, so that what is done on them is done to exactly that. */
class Seen {
  #root;
  #there = new Map();

  constructor(root) {
    this.#root = root;
  }

  /** Looks for a condition. */
  async at(names) {
    const key = pathOf(names);
    if (!this.#there.has(key)) this.#there.set(key, await currentAt(this.#root, names));
    return this.#there.get(key);
  }

  /**
   * Whether a condition was about it. Throws ERR_SLUICE_PRECONDITION if what is there now, `stat`, is not what it was
   * true of: `moveFile`, `removeFile` and `receive` throw that too.
   */
  #binds(names, stat) {
    const key = pathOf(names);
    if (!this.#there.has(key)) return false;
    const then = this.#there.get(key)?.stat;
    if (then === undefined ? stat === undefined : isStill(stat, then)) return true;
    throw new SluiceError('ERR_SLUICE_PRECONDITION', 'What has the name is not what it was any more');
  }

  /** What is to be moved or removed; undefined: whatever is there. */
  expected(names, stat) {
    return this.#binds(names, stat) ? stat : undefined;
  }

  /** What may be replaced. */
  replaceable(names, stat) {
    return this.#binds(names, stat) ? (stat ?? 'nothing') : 'any';
  }
}

/** What says that something came between a look and the change that rested on it. */
const overtaken = new Set([
  'ERR_SLUICE_PRECONDITION',
  'ERR_SLUICE_NOT_FOUND',
  'ERR_SLUICE_NO_FOLDER',
  'ERR_SLUICE_IS_DIRECTORY',
  'EEXIST',
  'EISDIR',
  'ENOENT',
  'ENOTDIR',
  'ENOTEMPTY',
]);

const mostTries = 20;

/** Does work that looks and then changes. Where somebody else came in between, it looks again, and decides anew. */
export async function decided(work) {
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (!overtaken.has(error.code) || tries === mostTries) throw error;
    }
  }
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
  const closed = inTheWay.find(({ key }) => !shown.has(key));
  if (closed !== undefined) throw new Unmet(423, 'It is locked', 'lock-token-submitted', [closed.href]);
}
