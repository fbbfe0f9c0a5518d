// SPDX-License-Identifier: Apache-2.0
// Removing a folder with all that is in it, whatever its names are, and though others still put something in.

import { readdir, rmdir, unlink } from 'node:fs/promises';
import { inside } from './tree.mjs';

/** Uploads that began before the folder went out of sight may still end in it; each can do so once. */
const mostTries = 1000;

/** Does what is to make something disappear; if it is gone already that is as good. Returns the error, if any. */
async function gone(removal) {
  try {
    await removal;
    return undefined;
  } catch (error) {
    return error.code === 'ENOENT' ? undefined : error;
  }
}

/** Removes what is in a folder. What is not removed, by paths from `top` on. */
async function removeMembers(folder, top) {
  const stuck = [];
  const entries = await readdir(folder, { encoding: 'buffer', withFileTypes: true }).catch((error) => {
    if (error.code !== 'ENOENT') stuck.push({ path: folder.subarray(top), error });
    return [];
  });
  for (const entry of entries) {
    const path = inside(folder, entry.name);
    if (entry.isDirectory()) stuck.push(...(await removeAll(path, top)));
    else {
      const error = await gone(unlink(path));
      if (error) stuck.push({ path: path.subarray(top), error });
    }
  }
  return stuck;
}

async function removeAll(folder, top) {
  for (let tries = 1; ; tries++) {
    const stuck = await removeMembers(folder, top);
    if (stuck.length > 0) return stuck;
    const error = await gone(rmdir(folder));
    if (error === undefined) return [];
    if (error.code !== 'ENOTEMPTY' || tries === mostTries) return [{ path: folder.subarray(top), error }];
  }
}

/**
 * Removes a folder and all in it that can be removed, without following symbolic links.
 *
 * @returns what could not: [{ path, error }], with the path from the folder on, in bytes. The folders above it stay, too.
 */
export function removeTree(folder) {
  const path = Buffer.from(folder);
  return removeAll(path, path.length);
}

/** Removes whatever it is; nothing is fine. Returns what `removeTree` does. */
export async function removeAny(path) {
  const error = await gone(unlink(path));
  if (error?.code === 'EISDIR') return removeTree(path);
  return error ? [{ path: Buffer.alloc(0), error }] : [];
}
