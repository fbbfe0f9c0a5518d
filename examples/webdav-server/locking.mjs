// SPDX-License-Identifier: Apache-2.0
// LOCK and UNLOCK.

import { open } from 'node:fs/promises';
import { conditions, decided, unlocked } from './guard.mjs';
import { timeoutOf } from './locks.mjs';
import { Refusal } from './refusal.mjs';
import { look, pathOf } from './tree.mjs';
import { inItsFolder } from './writing.mjs';
import { bodyOf, child, children, DAV, serialized } from './xml.mjs';

/** A lock as the property `lockdiscovery` describes it. */
export function activeLock({ token, names, deep, exclusive, owner, timeout }) {
  return `<D:activelock><D:locktype><D:write/></D:locktype><D:lockscope><D:${exclusive ? 'exclusive' : 'shared'}/></D:lockscope>\
<D:depth>${deep ? 'infinity' : '0'}</D:depth>${owner}<D:timeout>Second-${timeout}</D:timeout>\
<D:locktoken><D:href>${token}</D:href></D:locktoken><D:lockroot><D:href>${pathOf(names)}</D:href></D:lockroot></D:activelock>`;
}

function answer(response, status, lock, fields) {
  const body = `<?xml version="1.0" encoding="utf-8"?>\n<D:prop xmlns:D="DAV:"><D:lockdiscovery>${activeLock(lock)}</D:lockdiscovery></D:prop>`;
  response.writeHead(status, { 'Content-Type': 'application/xml; charset=utf-8', ...fields }).end(body);
}

export async function lock(context) {
  const info = await bodyOf(context.request);
  // If another makes the file first it is there to be locked, unless the conditions forbid.
  await decided(() => lockAs(info, context));
}

async function lockAs(info, context) {
  const { root, locks, names, request, response } = context;
  const timeout = timeoutOf(request.headers.timeout);
  const tokens = await conditions(context);
  if (info === undefined) {
    const held = locks.on(names).find(({ token }) => tokens.has(token));
    if (held === undefined) throw new Refusal(412, 'The field If names no lock to refresh');
    return answer(response, 200, locks.refresh(held, timeout), {});
  }
  if (
    info.namespaceURI !== DAV ||
    info.localName !== 'lockinfo' ||
    child(child(info, 'locktype'), 'write') === undefined
  )
    throw new Refusal(400, 'The body is no lockinfo for a write lock');
  const exclusive = child(child(info, 'lockscope'), 'exclusive') !== undefined;
  const owner = children(info, 'owner').map(serialized).join('');
  const wish = { deep: request.headers.depth !== '0', exclusive, owner, timeout };
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

export async function unlock({ locks, names, request, response }) {
  const [, token] = /^<([^>]+)>$/.exec(request.headers['lock-token'] ?? '') ?? [];
  if (token === undefined) throw new Refusal(400, 'The field Lock-Token is missing or malformed');
  locks.remove(token, names);
  response.writeHead(204).end();
}
