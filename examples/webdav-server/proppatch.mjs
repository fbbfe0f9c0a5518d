// SPDX-License-Identifier: Apache-2.0
// PROPPATCH (RFC 4918, 9.2).

import { bodyOf, limited } from './body.mjs';
import { changeDead, keyOf, withHandle } from './dead.mjs';
import { atLocked, conditions, unlocked } from './guard.mjs';
import { isLive } from './live.mjs';
import { propstat, responseFor, sendMultistatus } from './multistatus.mjs';
import { Refusal, statusOf } from './refusal.mjs';
import { look, pathOf } from './tree.mjs';
import { child, children, DAV, element, serialized } from './xml.mjs';

/** The changes of a propertyupdate in their order: { key, property, text? }, where the text is the whole element. */
function changesIn(body) {
  if (body?.namespace !== DAV || body.name !== 'propertyupdate')
    throw new Refusal(400, 'The body is no propertyupdate');
  const instructions = children(body).filter(
    ({ namespace, name }) => namespace === DAV && (name === 'set' || name === 'remove'),
  );
  const props = instructions.map((each) => child(each, 'prop'));
  if (props.length === 0 || props.includes(undefined))
    throw new Refusal(400, 'A propertyupdate sets or removes what is in a prop'); // RFC 4918, 14.19 to 14.26
  limited(props.flatMap((prop) => children(prop)));
  return instructions.flatMap(({ name }, i) =>
    children(props[i]).map((property) => ({
      key: keyOf(property),
      property,
      text: name === 'set' ? serialized(property) : undefined,
    })),
  );
}

/** The propstat elements: each property with its own status, and 424 for what was in order (RFC 4918, 9.2.1). */
async function outcome(path, changes) {
  if (changes.some(({ key }) => isLive(key)))
    return changes.map(({ key, property }) =>
      isLive(key)
        ? propstat(403, element(property), 'cannot-modify-protected-property')
        : propstat(424, element(property)),
    );
  const failed = await withHandle(path, (handle) => changeDead(handle, changes));
  const status = failed && statusOf(failed.error);
  if (status >= 500 && status !== 507) console.error(failed.error);
  return changes.map((change) => {
    const itsStatus = failed === undefined ? 200 : change === failed.change ? status : 424;
    return propstat(itsStatus, element(change.property));
  });
}

export async function proppatch(context) {
  const { root, names, request, response } = context;
  const body = await bodyOf(request);
  await conditions(context); // before the body is looked at, and again when they count
  const changes = changesIn(body);
  const text = await atLocked(root, names, async (path) => {
    const tokens = await conditions(context);
    const stat = await look(path);
    if (stat === undefined) throw new Refusal(404, 'There is no such file');
    unlocked(context, tokens, names, 'content');
    const stats = changes.length === 0 ? [propstat(200, '')] : await outcome(path, changes);
    const href = pathOf(names, stat.isDirectory());
    return responseFor(href, stats.join(''));
  });
  await sendMultistatus(response, [text]);
}
