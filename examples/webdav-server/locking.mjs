// SPDX-License-Identifier: Apache-2.0
// LOCK and UNLOCK.

import { open } from 'node:fs/promises';
import { bodyOf } from './body.mjs';
import { depthOf, lockTokenOf, timeoutOf } from './fields.mjs';
import { conditions, decided, unlocked } from './guard.mjs';
import { longest } from './locks.mjs';
import { Refusal, Unmet } from './refusal.mjs';
import { look } from './tree.mjs';
import { inItsFolder } from './writing.mjs';
import { child, children, DAV, serialized } from './xml.mjs';

/** A lock as the property `lockdiscovery` describes it. */
export function activeLock({ token, href, deep, exclusive, owner, timeout }) {
  return `<D:activelock><D:locktype><D:write/></D:locktype><D:lockscope><D:${exclusive ? 'exclusive' : 'shared'}/></D:lockscope>\
<D:depth>${deep ? 'infinity' : '0'}</D:depth>${owner}<D:timeout>Second-${timeout}</D:timeout>\
<D:locktoken><D:href>${token}</D:href></D:locktoken><D:lockroot><D:href>${href}</D:href></D:lockroot></D:activelock>`;
}

function answer(response, status, lock, fields) {
  const body = `<?xml version="1.0" encoding="utf-8"?>\n<D:prop xmlns:D="DAV:"><D:lockdiscovery>${activeLock(lock)}</D:lockdiscovery></D:prop>`;
  response.writeHead(status, { 'Content-Type': 'application/xml; charset=utf-8', ...fields }).end(body);
}

/** The one element that says how, of those that are known. */
function choice(element, names) {
  const chosen = names.filter((name) => child(element, name) !== undefined);
  if (chosen.length !== 1) throw new Refusal(400, `A lock is one of ${names.join(', ')}`);
  return chosen[0];
}

/** What a lockinfo asks for (RFC 4918, 14.11). */
function wishIn(info) {
  if (info.namespace !== DAV || info.name !== 'lockinfo') throw new Refusal(400, 'The body is no lockinfo');
  choice(child(info, 'locktype'), ['write']);
  return {
    exclusive: choice(child(info, 'lockscope'), ['exclusive', 'shared']) === 'exclusive',
    owner: children(info, 'owner').slice(0, 1).map(serialized).join(''),
  };
}

/** A LOCK without a body is for a lock that is there, which If names (RFC 4918, 9.10.2). */
function refresh({ locks, names, request, response }, tokens, timeout) {
  if (request.headers.if === undefined) throw new Refusal(400, 'The body is missing, or the field If');
  const [held, ...others] = locks.on(names).filter(({ token }) => tokens.has(token));
  if (held === undefined)
    throw new Unmet(412, 'The field If names no lock here', 'lock-token-matches-request-uri');
  if (others.length > 0) throw new Refusal(400, 'The field If names more than the one lock to refresh');
  answer(response, 200, locks.refresh(held, timeout), {});
}

export async function lock(context) {
  const info = await bodyOf(context.request);
  // If another makes the file first it is there to be locked, unless the conditions forbid.
  await decided(() => lockAs(info, context));
}

async function lockAs(info, context) {
  const { root, locks, names, request, response } = context;
  const timeout = timeoutOf(request, longest);
  const tokens = await conditions(context);
  if (info === undefined) return refresh(context, tokens, timeout);
  const wish = { ...wishIn(info), deep: depthOf(request) === 'infinity', timeout };
  const take = async (path) => {
    const missing = (await look(path)) === undefined;
    if (missing) unlocked(context, tokens, names, 'place');
    const taken = locks.create(names, wish);
    // A lock on a name that nothing has makes an empty file (RFC 4918, 7.3).
    try {
      if (missing) await (await open(path, 'wx')).close();
      // What the conditions were true of may have been replaced until the lock was taken.
      else await conditions(context);
    } catch (error) {
      locks.remove(taken.token, names);
      throw error;
    }
    return [missing ? 201 : 200, taken];
  };
  const [status, taken] = await (names.length === 0 ? take(root) : inItsFolder(root, names, take));
  answer(response, status, taken, { 'Lock-Token': `<${taken.token}>` });
}

export async function unlock(context) {
  const { locks, names, request, response } = context;
  const token = lockTokenOf(request);
  await conditions(context);
  locks.remove(token, names);
  response.writeHead(204).end();
}
