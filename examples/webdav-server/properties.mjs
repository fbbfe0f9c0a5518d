// SPDX-License-Identifier: Apache-2.0
// PROPFIND and PROPPATCH. The properties that clients invent ("dead" ones) are user attributes of the file, one each:
// they go wherever the file goes, and what PUT puts in its place keeps them.

import { open } from 'node:fs/promises';
import { etagOf } from 'sluice/http';
import { getAttribute, listAttributes, readStanding, removeAttribute, setAttribute } from 'sluice/xattr';
import { conditions, unlocked } from './guard.mjs';
import { activeLock } from './locking.mjs';
import { Refusal } from './refusal.mjs';
import { storedChecksums } from './store.mjs';
import { at, look, membersOf, pathOf } from './tree.mjs';
import { bodyOf, child, children, DAV, element, multistatus, serialized } from './xml.mjs';

const owncloud = 'http://owncloud.org/ns';
const storm = 'http://storm.italiangrid.org/2014/webdav';
const prefix = 'user.webdav.';
const lockable = ['exclusive', 'shared']
  .map(
    (scope) =>
      `<D:lockentry><D:lockscope><D:${scope}/></D:lockscope><D:locktype><D:write/></D:locktype></D:lockentry>`,
  )
  .join('');

/** Content of a property, or undefined where there is none. */
const live = [
  [DAV, 'resourcetype', ({ stat }) => (stat.isDirectory() ? '<D:collection/>' : '')],
  [DAV, 'getcontentlength', ({ stat }) => (stat.isFile() ? String(stat.size) : undefined)],
  // None of what was found rotten: no client shall go on with a part of it.
  [
    DAV,
    'getetag',
    ({ stat, standing }) => (stat.isFile() && !standing.rot ? etagOf(stat, standing) : undefined),
  ],
  [DAV, 'getlastmodified', ({ stat }) => stat.mtime.toUTCString()],
  [DAV, 'creationdate', ({ stat }) => stat.birthtime.toISOString()],
  [DAV, 'supportedlock', () => lockable],
  [DAV, 'lockdiscovery', ({ locks, names }) => locks.on(names).map(activeLock).join('')],
  [owncloud, 'checksums', ({ checksums }) => ownCloudForm(checksums)],
  [storm, 'Checksum', ({ checksums }) => checksums.adler32?.hex],
].map(([namespace, name, content]) => ({ namespace, name, content }));

/** All checksums in one element, with spaces between, as ownCloud has them. */
function ownCloudForm(checksums) {
  const known = Object.entries(checksums).map(([name, { hex }]) => `${name.toUpperCase()}:${hex}`);
  if (known.length === 0) return undefined;
  return element({ namespace: owncloud, name: 'checksum' }, known.join(' '));
}

const keyOf = ({ namespace, name }) => `{${namespace ?? ''}}${name}`;
const nameOf = (node) => ({ namespace: node.namespaceURI, name: node.localName });
const isLive = (property) => live.some((each) => keyOf(each) === keyOf(property));

/** Opens what a path leads to for its attributes; a folder or a file. */
export async function withHandle(path, work) {
  const handle = await open(path, 'r');
  try {
    return await work(handle);
  } finally {
    await handle.close();
  }
}

async function deadOf({ fd }) {
  const names = (await listAttributes(fd)).filter((name) => name.startsWith(prefix));
  const entries = await Promise.all(names.map(async (name) => [name, await getAttribute(fd, name)]));
  return new Map(
    entries
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name.slice(prefix.length), value.toString()]),
  );
}

/** Gives a copy the properties of its original. */
export async function copyAttributes(original, copy) {
  for (const [key, value] of await deadOf(original))
    await setAttribute(copy.fd, prefix + key, Buffer.from(value));
}

function wantedIn(body) {
  if (body === undefined) return { all: true, include: [] };
  if (body.namespaceURI !== DAV || body.localName !== 'propfind')
    throw new Refusal(400, 'The body is no propfind');
  if (child(body, 'propname')) return { namesOnly: true };
  if (child(body, 'allprop')) return { all: true, include: children(child(body, 'include')).map(nameOf) };
  if (!child(body, 'prop')) throw new Refusal(400, 'A propfind asks for something');
  return { named: children(child(body, 'prop')).map(nameOf) };
}

function propstat(status, content) {
  return `<D:propstat><D:prop>${content}</D:prop><D:status>HTTP/1.1 ${status}</D:status></D:propstat>`;
}

/** What a file or folder keeps in its attributes; nothing where they may not be read, undefined where it is gone. */
async function keptWith(path, stat) {
  try {
    return await withHandle(path, async (handle) => {
      const standing = stat.isFile() ? await readStanding(handle.fd) : {};
      const checksums = stat.isFile() && !standing.rot ? await storedChecksums(handle) : {};
      return { dead: await deadOf(handle), checksums, standing };
    });
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    if (!['EACCES', 'EPERM', 'ERR_SLUICE_PERMISSION'].includes(error.code)) throw error;
    return { dead: new Map(), checksums: {}, standing: {} };
  }
}

/** The response element for one file or folder; undefined if it is gone. */
async function describe({ locks }, wanted, path, names, stat) {
  const kept = await keptWith(path, stat);
  if (kept === undefined) return undefined;
  const facts = { stat, names, locks, checksums: kept.checksums, standing: kept.standing };
  const found = live.flatMap((property) => {
    const content = property.content(facts);
    return content === undefined ? [] : [[property, element(property, content)]];
  });
  const known = new Map([...found.map(([property, text]) => [keyOf(property), text]), ...kept.dead]);
  const href = `<D:href>${pathOf(names, stat.isDirectory())}</D:href>`;
  if (wanted.namesOnly) {
    const all = [...known.keys()].map((key) => {
      const [, namespace, name] = /^\{(.*)\}([^}]*)$/s.exec(key);
      return element({ namespace, name });
    });
    return `<D:response>${href}${propstat('200 OK', all.join(''))}</D:response>`;
  }
  const asked = wanted.all
    ? [...new Set([...known.keys(), ...wanted.include.map(keyOf)])]
    : wanted.named.map(keyOf);
  const there = asked.filter((key) => known.has(key)).map((key) => known.get(key));
  const missing = (wanted.named ?? []).filter((each) => !known.has(keyOf(each))).map((each) => element(each));
  const stats = [
    ...(there.length > 0 || missing.length === 0 ? [propstat('200 OK', there.join(''))] : []),
    ...(missing.length > 0 ? [propstat('404 Not Found', missing.join(''))] : []),
  ];
  return `<D:response>${href}${stats.join('')}</D:response>`;
}

function answer(response, responses) {
  response.writeHead(207, { 'Content-Type': 'application/xml; charset=utf-8' }).end(multistatus(responses));
}

export async function propfind(context) {
  const { root, names, request, response } = context;
  const depth = request.headers.depth ?? 'infinity';
  if (depth !== '0' && depth !== '1') throw new Refusal(403, 'Ask for one level at a time: Depth 0 or 1');
  const wanted = wantedIn(await bodyOf(request));
  const responses = await at(root, names, async (path) => {
    const stat = await look(path);
    const itself = stat && (await describe(context, wanted, path, names, stat));
    if (itself === undefined) throw new Refusal(404, 'There is no such file');
    const found = [itself];
    if (depth === '0' || !stat.isDirectory()) return found;
    for (const name of await membersOf(path)) {
      const inside = `${path}/${name}`;
      const member = await look(inside);
      found.push(member && (await describe(context, wanted, inside, [...names, name], member)));
    }
    return found.filter((each) => each !== undefined);
  });
  answer(response, responses);
}

/** The changes of a propertyupdate in their order: { property, value? }. */
function changesIn(body) {
  if (body?.namespaceURI !== DAV || body.localName !== 'propertyupdate')
    throw new Refusal(400, 'The body is no propertyupdate');
  return children(body).flatMap((instruction) => {
    const { name } = nameOf(instruction);
    if (name !== 'set' && name !== 'remove') throw new Refusal(400, 'A propertyupdate sets or removes');
    return children(child(instruction, 'prop')).map((node) => ({
      property: nameOf(node),
      value: name === 'set' ? serialized(node) : undefined,
    }));
  });
}

async function apply({ fd }, key, value) {
  if (value !== undefined) await setAttribute(fd, prefix + key, Buffer.from(value));
  else await removeAttribute(fd, prefix + key);
}

/** Makes all of the changes or none: why none, or undefined. */
async function change(handle, changes) {
  const before = await deadOf(handle);
  const done = [];
  try {
    for (const { property, value } of changes) {
      const key = keyOf(property);
      if (value === undefined && !before.has(key) && !done.includes(key)) continue; // nothing to remove is fine
      await apply(handle, key, value);
      done.push(key);
    }
    return undefined;
  } catch (error) {
    for (const key of new Set(done)) await apply(handle, key, before.get(key)).catch(() => {});
    return error;
  }
}

export async function proppatch(context) {
  const { root, names, request, response } = context;
  const changes = changesIn(await bodyOf(request));
  const tokens = await conditions(context);
  const text = await at(root, names, async (path) => {
    const stat = await look(path);
    if (stat === undefined) throw new Refusal(404, 'There is no such file');
    unlocked(context, tokens, names, 'content');
    const isProtected = changes.some(({ property }) => isLive(property));
    const failure = isProtected ? undefined : await withHandle(path, (handle) => change(handle, changes));
    const stats = changes.map(({ property }) => {
      const status = isProtected
        ? isLive(property)
          ? '403 Forbidden'
          : '424 Failed Dependency'
        : failure === undefined
          ? '200 OK'
          : '507 Insufficient Storage';
      return propstat(status, element(property));
    });
    return `<D:response><D:href>${pathOf(names, stat.isDirectory())}</D:href>${stats.join('')}</D:response>`;
  });
  answer(response, [text]);
}
