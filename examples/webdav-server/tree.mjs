// SPDX-License-Identifier: Apache-2.0
// The files beneath one folder, by the paths of URLs.

import { isUtf8 } from 'node:buffer';
import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { lstat, open, opendir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { beneath } from 'sluice/http';
import { Refusal } from './refusal.mjs';

/** `receive` calls files so while it stores them, and removes what it finds of these names a day later; COPY what it makes. */
const isPassing = (name) => /^\.sluice-/i.test(name);

/** Another name in the same folder, for what nobody shall see before it is whole. */
export const hiddenBeside = (path) => `${dirname(path)}/.sluice-aside-${randomUUID()}`;

/** Another name in the same folder, for what is about to be replaced: it is to be seen, should that break off. */
export const shownBeside = (path) => `${dirname(path)}/replaced-${randomUUID()}`;

/** The names in a URL's path. */
export function namesOf(path) {
  const names = [];
  for (const part of path.split('/')) {
    let name;
    try {
      name = decodeURIComponent(part);
    } catch {
      throw new Refusal(400, 'The path is not well encoded');
    }
    if (name === '') continue; // of //, and of the / at the end
    if (name === '.' || name === '..' || /[/\0]/.test(name))
      throw new Refusal(400, 'The path has a name that no file here can have');
    if (Buffer.byteLength(name) > 255) throw new Refusal(414, 'The path has a name of more than 255 bytes');
    if (isPassing(name)) throw new Refusal(403, 'Names that begin with .sluice- are not to be had');
    names.push(name);
  }
  return names;
}

/** The path of a URL for these names. */
export function pathOf(names, isFolder = false) {
  const path = names.map((name) => `/${encodeURIComponent(name)}`).join('');
  return isFolder ? `${path}/` : path;
}

/** Calls `work` with a path by which the process reaches what the names lead to, good until `work` is done. */
export async function at(root, names, work) {
  let reached = false;
  try {
    return await beneath(root, names.join('/'), (path) => {
      reached = true;
      return work(path);
    });
  } catch (error) {
    if (!reached && error.code === 'ERR_SLUICE_NOT_FOUND')
      throw new Refusal(404, 'A folder on the way is missing', 'parent');
    throw error;
  }
}

/** What is there: its stat, in bigints, or undefined. Whatever is neither a file nor a folder is refused. */
export async function look(path) {
  const stat = await lstat(path, { bigint: true }).catch((error) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (stat !== undefined && !stat.isFile() && !stat.isDirectory())
    throw new Refusal(403, 'It is neither a file nor a folder');
  return stat;
}

/** For what fails because others removed what was looked at, or put something else there. */
export function gone(error) {
  if (!['ENOENT', 'ENOTDIR', 'ELOOP', 'ENXIO'].includes(error.code)) throw error;
  throw new Refusal(404, 'It is no longer there');
}

/** The path of something in a folder. */
export const inside = (path, name) => Buffer.concat([Buffer.from(path), Buffer.from('/'), name]);

/** Calls `work` with a path, in text, of the folder that something is in, good until `work` is done. */
export async function withFolderOf(path, work) {
  const bytes = Buffer.from(path);
  const folder = await open(bytes.subarray(0, bytes.lastIndexOf('/')), constants.O_DIRECTORY);
  try {
    return await work(`/proc/self/fd/${folder.fd}`);
  } finally {
    await folder.close();
  }
}

/** The names of the files and folders in a folder, as they come from the disk: in bytes, not all of them need be UTF-8. */
export async function* allMembersOf(path) {
  for await (const entry of await opendir(path, { encoding: 'buffer' }).catch(gone)) {
    if ((entry.isFile() || entry.isDirectory()) && !isPassing(entry.name.toString('latin1')))
      yield entry.name;
  }
}

/** Those that a URL can have: a client has no way to ask for what is not UTF-8. */
export async function* membersOf(path) {
  for await (const name of allMembersOf(path)) if (isUtf8(name)) yield name.toString();
}
