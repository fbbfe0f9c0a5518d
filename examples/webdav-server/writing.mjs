// SPDX-License-Identifier: Apache-2.0
// PUT, DELETE and MKCOL.

import { mkdir } from 'node:fs/promises';
import { moveFile, removeFile } from 'sluice/http';
import { checkWhole } from './fields.mjs';
import { decided, demands, unlocked } from './guard.mjs';
import { responseFor, sendMultistatus } from './multistatus.mjs';
import { Refusal, statusOf } from './refusal.mjs';
import { removeTree } from './removing.mjs';
import { receiveFile } from './store.mjs';
import { at, hiddenBeside, look, pathOf, shownBeside } from './tree.mjs';

/** A folder that is missing on the way is a conflict for what would be put into it (RFC 4918, 9.3.1 and 9.7.1). */
export async function inItsFolder(root, names, work) {
  if (names.length === 0) throw new Refusal(403, 'The root stays');
  try {
    return await at(root, names, work);
  } catch (error) {
    if (error instanceof Refusal && error.reason === 'parent') throw new Refusal(409, error.message);
    throw error;
  }
}

export async function put(context) {
  const { root, names, request, response } = context;
  const { tokens, seen } = await demands(context);
  const { status, fields } = await inItsFolder(root, names, async (path) => {
    const stat = await look(path);
    if (stat?.isDirectory() || /^[^?]*\/(?:\?|$)/.test(request.url))
      throw new Refusal(405, 'A folder has no content');
    unlocked(context, tokens, names, stat === undefined ? 'place' : 'content');
    return receiveFile(context, names, seen.replaceable(names, stat)).catch((error) => {
      if (error.code !== 'ERR_SLUICE_NO_FOLDER') throw error;
      throw new Refusal(409, 'The folder went while the body came');
    });
  });
  response.writeHead(status, status === 201 ? { ...fields, Location: pathOf(names) } : fields).end();
}

/**
 * Removes a folder: in one step for clients, who see all of it or nothing. What can't be removed comes back, in a folder of
 * what is left.
 *
 * @returns what could not: [{ path, error }], paths in bytes
 */
async function removeFolder(path, expected) {
  const aside = hiddenBeside(path);
  await moveFile(path, aside, { expected });
  const stuck = await removeTree(aside);
  // Something else may have the name by now.
  if (stuck.length > 0) await moveFile(aside, path).catch(() => moveFile(aside, shownBeside(path)));
  return stuck;
}

/** The response element for something that stays (RFC 4918, 9.6.1). */
function remaining(names, { path, error }) {
  const bytes = path.toString('latin1').replace(/[^\w.~/-]/g, (byte) => {
    return `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
  });
  return responseFor(`${pathOf(names)}${bytes}`, statusOf(error));
}

export async function remove(context) {
  const { root, locks, names, request, response } = context;
  const stuck = await decided(async () => {
    const { tokens, seen } = await demands(context);
    return await at(root, names, async (path) => {
      if (names.length === 0) throw new Refusal(403, 'The root stays');
      const stat = await look(path);
      const expected = seen.expected(names, stat);
      if (stat === undefined) throw new Refusal(404, 'There is no such file');
      checkWhole(request, stat);
      unlocked(context, tokens, names, 'place');
      if (stat.isDirectory()) return await removeFolder(path, expected);
      await removeFile(path, { expected });
      return [];
    });
  });
  if (stuck.length > 0) {
    return await sendMultistatus(
      response,
      stuck.map((each) => remaining(names, each)),
    );
  }
  locks.forget(names);
  response.writeHead(204).end();
}

export async function makeCollection(context) {
  const { root, names, request, response } = context;
  if (
    Number(request.headers['content-length'] ?? 0) > 0 ||
    request.headers['transfer-encoding'] !== undefined
  )
    throw new Refusal(415, 'A body means nothing here');
  if (names.length === 0) throw new Refusal(405, 'The root is there');
  await decided(async () => {
    const { tokens, seen } = await demands(context);
    await inItsFolder(root, names, async (path) => {
      const stat = await look(path);
      seen.expected(names, stat);
      if (stat !== undefined) throw new Refusal(405, 'There is something of that name');
      unlocked(context, tokens, names, 'place');
      await mkdir(path); // if anything has the name by now, the conditions are asked again
    });
  });
  response.writeHead(201, { Location: pathOf(names, true) }).end();
}
