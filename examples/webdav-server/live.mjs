// SPDX-License-Identifier: Apache-2.0
// The properties that the server works out itself ("live" ones): no client can set them.

import { etagOf } from 'sluice/http';
import { keyOf } from './dead.mjs';
import { activeLock } from './locking.mjs';
import { DAV, element } from './xml.mjs';

const owncloud = 'http://owncloud.org/ns';
const storm = 'http://storm.italiangrid.org/2014/webdav';
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
].map(([namespace, name, content]) => ({ namespace, name, key: keyOf({ namespace, name }), content }));

const keys = new Set(live.map(({ key }) => key));

/** All checksums in one element, with spaces between, as ownCloud has them. */
function ownCloudForm(checksums) {
  const known = Object.entries(checksums).map(([name, { hex }]) => `${name.toUpperCase()}:${hex}`);
  if (known.length === 0) return undefined;
  return element({ namespace: owncloud, name: 'checksum' }, known.join(' '));
}

export const isLive = (key) => keys.has(key);

/** Those that are told from the checksums stored with a file. */
export const checksumKeys = live.filter(({ namespace }) => namespace !== DAV).map(({ key }) => key);

/** By key: { namespace, name, text }, where the text is the whole element. */
export function liveOf(facts, isWanted) {
  const found = new Map();
  for (const { namespace, name, key, content } of live) {
    const inside = isWanted(key) ? content(facts) : undefined;
    if (inside !== undefined) found.set(key, { namespace, name, text: element({ namespace, name }, inside) });
  }
  return found;
}
