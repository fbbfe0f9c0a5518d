// SPDX-License-Identifier: Apache-2.0
// PUT, DELETE and MKCOL.

import { mkdir, rm } from 'node:fs/promises';
import { checkWhole } from './fields.mjs';
import { conditions, unlocked } from './guard.mjs';
import { Refusal } from './refusal.mjs';
import { receiveFile } from './store.mjs';
import { at, look, pathOf } from './tree.mjs';

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
  const tokens = await conditions(context);
  const { status, fields } = await inItsFolder(root, names, async (path) => {
    const stat = await look(path);
    if (stat?.isDirectory() || /^[^?]*\/(?:\?|$)/.test(request.url))
      throw new Refusal(405, 'A folder has no content');
    unlocked(context, tokens, names, stat === undefined ? 'place' : 'content');
    return receiveFile(context, names);
  });
  response.writeHead(status, status === 201 ? { ...fields, Location: pathOf(names) } : fields).end();
}

export async function remove(context) {
  const { root, locks, names, request, response } = context;
  const tokens = await conditions(context);
  await at(root, names, async (path) => {
    if (names.length === 0) throw new Refusal(403, 'The root stays');
    const stat = await look(path);
    if (stat === undefined) throw new Refusal(404, 'There is no such file');
    checkWhole(request, stat);
    unlocked(context, tokens, names, 'place');
    await rm(path, { recursive: true });
  });
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
  const tokens = await conditions(context);
  await inItsFolder(root, names, async (path) => {
    if ((await look(path)) !== undefined) throw new Refusal(405, 'There is something of that name');
    unlocked(context, tokens, names, 'place');
    await mkdir(path);
  });
  response.writeHead(201, { Location: pathOf(names, true) }).end();
}
