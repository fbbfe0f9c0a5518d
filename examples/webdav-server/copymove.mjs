// SPDX-License-Identifier: Apache-2.0
// COPY and MOVE.

import { link, mkdir, rename, rm, rmdir, unlink } from 'node:fs/promises';
import { copyAttributes, withHandle } from './dead.mjs';
import { checkWhole, depthOf, overwriteOf } from './fields.mjs';
import { conditions, unlocked } from './guard.mjs';
import { Refusal } from './refusal.mjs';
import { copyFile } from './store.mjs';
import { at, hiddenBeside, look, membersOf, pathOf, shownBeside } from './tree.mjs';
import { namesOfUrl } from './urls.mjs';
import { inItsFolder } from './writing.mjs';

function destinationOf(context) {
  const { names, request } = context;
  const [header, ...others] = request.headersDistinct.destination ?? [];
  if (header === undefined || others.length > 0)
    throw new Refusal(400, 'The field Destination is there once');
  const destination = namesOfUrl(header, context);
  if (destination === undefined) throw new Refusal(502, 'The destination is on another server');
  const [from, to] = [names, destination].map((each) => `${pathOf(each)}/`);
  if (to.startsWith(from) || from.startsWith(to))
    throw new Refusal(403, 'Neither can be, or be in, the other');
  return destination;
}

/** Copies a file, or a folder with what is in it. */
async function copy(from, to, { deep, signal }) {
  const stat = await look(from);
  if (!stat.isDirectory()) return copyFile(from, to, signal);
  await mkdir(to);
  await withHandle(from, (source) => withHandle(to, (made) => copyAttributes(source, made)));
  if (!deep) return;
  // All first: a descriptor for each level of a deep tree would be too many.
  const members = [];
  for await (const name of membersOf(from)) members.push(name);
  for (const name of members) await copy(`${from}/${name}`, `${to}/${name}`, { deep, signal });
}

/** Moves something to a name that nothing has; what takes it meanwhile stays, and is the end of this. */
async function moveToFree(from, to) {
  try {
    if (!(await look(from)).isDirectory()) {
      await link(from, to);
      return await unlink(from);
    }
    await mkdir(to);
    await rename(from, to).catch(async (error) => {
      await rmdir(to).catch(() => {}); // unless something is in it by now
      throw error;
    });
  } catch (error) {
    if (error.code !== 'EEXIST' && error.code !== 'ENOTEMPTY') throw error;
    throw new Refusal(412, 'There is something at the destination');
  }
}

/** Moves something to where `there` is, or nothing. What was there is gone only once the other is in its place. */
async function moveInto(from, to, there, overwrite) {
  const file = (await look(from)).isFile();
  // A file takes the place of a file in one step; a folder can't be replaced like that.
  if (overwrite && file && !there?.isDirectory()) return rename(from, to);
  if (there === undefined) return moveToFree(from, to);
  const old = shownBeside(to);
  await rename(to, old);
  try {
    await moveToFree(from, to);
  } catch (error) {
    await moveToFree(old, to);
    throw error;
  }
  await rm(old, { recursive: true });
}

/** Copies under another name first, so that a copy that fails changes nothing. */
async function copyInto(from, to, there, { overwrite, ...how }) {
  const made = hiddenBeside(to);
  try {
    await copy(from, made, how);
    await moveInto(made, to, there, overwrite);
  } catch (error) {
    await rm(made, { recursive: true, force: true });
    throw error;
  }
}

async function transfer(context, method) {
  const { root, locks, names, request, response } = context;
  const destination = destinationOf(context);
  const tokens = await conditions(context);
  const deep = depthOf(request) === 'infinity';
  const overwrite = overwriteOf(request);
  const gone = new AbortController();
  if (response.closed) gone.abort();
  else response.once('close', () => gone.abort());
  const replaced = await at(root, names, (from) =>
    inItsFolder(root, destination, async (to) => {
      const stat = await look(from);
      if (stat === undefined) throw new Refusal(404, 'There is no such file');
      if (method === 'MOVE') checkWhole(request, stat);
      const there = await look(to);
      if (there !== undefined && !overwrite) throw new Refusal(412, 'There is something at the destination');
      unlocked(context, tokens, destination, 'place');
      if (method === 'MOVE') unlocked(context, tokens, names, 'place');
      if (method === 'MOVE') await moveInto(from, to, there, overwrite);
      else await copyInto(from, to, there, { deep, overwrite, signal: gone.signal });
      return there !== undefined;
    }),
  );
  if (method === 'MOVE') locks.forget(names);
  response.writeHead(replaced ? 204 : 201, replaced ? {} : { Location: pathOf(destination) }).end();
}

export const copyTo = (context) => transfer(context, 'COPY');
export const moveTo = (context) => transfer(context, 'MOVE');
