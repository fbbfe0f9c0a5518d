// SPDX-License-Identifier: Apache-2.0
// PROPFIND (RFC 4918, 9.1).

import { problemOf } from 'sluice/http';
import { readStanding } from 'sluice/xattr';
import { bodyOf, limited } from './body.mjs';
import { deadOf, keyOf, withHandle } from './dead.mjs';
import { depthOf } from './fields.mjs';
import { conditions } from './guard.mjs';
import { checksumKeys, isLive, liveOf } from './live.mjs';
import { propstat, responseFor, sendMultistatus } from './multistatus.mjs';
import { Refusal, Unmet } from './refusal.mjs';
import { storedChecksums } from './store.mjs';
import { at, look, membersOf, pathOf } from './tree.mjs';
import { child, children, DAV, element } from './xml.mjs';

/** The properties that an element names: each as an empty element, by key. */
const namedIn = (prop) => new Map(limited(children(prop)).map((each) => [keyOf(each), element(each)]));

/** { named, all?, namesOnly? }: the properties by key, whether all others are wanted too, or nothing but names. */
function wantedIn(body) {
  if (body === undefined) return { named: new Map(), all: true };
  if (body.namespace !== DAV || body.name !== 'propfind') throw new Refusal(400, 'The body is no propfind');
  // RFC 4918, 14.20.
  const forms = ['propname', 'allprop', 'prop'].filter((name) => child(body, name) !== undefined);
  if (forms.length !== 1) throw new Refusal(400, 'A propfind has one of propname, allprop and prop');
  const [form] = forms;
  if (form === 'prop') return { named: namedIn(child(body, 'prop')) };
  if (form === 'propname') return { named: new Map(), all: true, namesOnly: true };
  return { named: namedIn(child(body, 'include')), all: true };
}

const unreadable = ['EACCES', 'EPERM', 'ERR_SLUICE_PERMISSION', 'ERR_SLUICE_NO_ATTRIBUTES'];

/** What a file or folder keeps in its attributes; nothing where they may not be read, or there can be none. */
async function keptWith(path, stat, isWanted) {
  try {
    return await withHandle(path, async (handle) => {
      const standing = stat.isFile() ? await readStanding(handle.fd) : {};
      const stated = stat.isFile() && !standing.rot && checksumKeys.some(isWanted);
      return {
        dead: await deadOf(handle, (key) => isWanted(key) && !isLive(key)),
        checksums: stated ? await storedChecksums(handle) : {},
        standing,
      };
    });
  } catch (error) {
    if (!unreadable.includes(error.code)) throw error;
    return { dead: new Map(), checksums: {}, standing: {} };
  }
}

/** The response element for one file or folder. */
async function describe({ locks }, { named, all, namesOnly }, path, names, stat) {
  const isWanted = (key) => all || named.has(key);
  const { dead, ...kept } = await keptWith(path, stat, isWanted);
  const known = new Map([...liveOf({ stat, names, locks, ...kept }, isWanted), ...dead]);
  const there = [...known.values()].map((each) => (namesOnly ? element(each) : each.text));
  const missing = [...named].filter(([key]) => !known.has(key)).map(([, empty]) => empty);
  const stats = [
    ...(there.length > 0 || missing.length === 0 ? [propstat(200, there.join(''))] : []),
    ...(missing.length > 0 ? [propstat(404, missing.join(''))] : []),
  ];
  return responseFor(pathOf(names, stat.isDirectory()), stats.join(''));
}

/** The response element for a member of a folder: a status of its own where it can't be told, nothing if it is gone. */
async function describeMember(context, wanted, path, names) {
  try {
    const stat = await look(path);
    return stat === undefined ? '' : await describe(context, wanted, path, names, stat);
  } catch (error) {
    // It was removed, or something else than a file or folder took its place.
    if (error instanceof Refusal) return '';
    const { status, fault } = problemOf(error);
    if (fault) console.error(error);
    return responseFor(pathOf(names), status);
  }
}

/** The folder comes with its first member: when it can't be read, nothing has been sent yet. */
async function* withMembers(context, wanted, path, itself) {
  let before = itself;
  for await (const name of membersOf(path)) {
    yield before + (await describeMember(context, wanted, `${path}/${name}`, [...context.names, name]));
    before = '';
  }
  if (before !== '') yield before;
}

/** In a function of its own: the body is not in memory for as long as the answer is sent. */
async function wantedBy(context) {
  const body = await bodyOf(context.request);
  await conditions(context);
  return wantedIn(body);
}

export async function propfind(context) {
  const { root, names, request, response } = context;
  const depth = depthOf(request, ['0', '1', 'infinity']);
  const wanted = await wantedBy(context);
  await at(root, names, async (path) => {
    const stat = await look(path);
    if (stat === undefined) throw new Refusal(404, 'There is no such file');
    // RFC 4918, 9.1.1. A file has no members, whatever the depth.
    if (depth === 'infinity' && stat.isDirectory())
      throw new Unmet(403, 'Ask for one level at a time: Depth 0 or 1', 'propfind-finite-depth');
    const itself = await describe(context, wanted, path, names, stat);
    const hasMembers = depth === '1' && stat.isDirectory();
    await sendMultistatus(response, hasMembers ? withMembers(context, wanted, path, itself) : [itself]);
  });
}
