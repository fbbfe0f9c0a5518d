// SPDX-License-Identifier: Apache-2.0
// COPY and MOVE.

import { mkdir } from 'node:fs/promises';
import { SluiceError } from 'sluice';
import { moveFile } from 'sluice/http';
import { copyAttributes, withHandle } from './dead.mjs';
import { checkWhole, depthOf, overwriteOf } from './fields.mjs';
import { decided, demands, isStill, unlocked } from './guard.mjs';
import { Refusal } from './refusal.mjs';
import { removeAny } from './removing.mjs';
import { copyStored } from './store.mjs';
import { allMembersOf, at, hiddenBeside, inside, look, pathOf, shownBeside } from './tree.mjs';
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

/**
 * Copies a file, or a folder with what is in it, to a name that is free. Paths may be in bytes: names in the folder that
 * are not UTF-8 stay what they are.
 */
async function copy(from, to, { deep, signal }) {
  const stat = await look(from);
  if (stat?.isFile()) return copyStored(from, to, signal);
  await withHandle(from, async (source) => {
    await mkdir(to);
    await withHandle(to, (made) => copyAttributes(source, made));
  });
  if (!deep) return;
  // All first: a descriptor for each level of a deep tree would be too many.
  const members = [];
  for await (const name of allMembersOf(from)) members.push(name);
  for (const name of members) {
    const [source, target] = [from, to].map((each) => inside(each, name));
    await copy(source, target, { deep, signal }).catch(async (error) => {
      // What goes while its folder is copied is not in the copy.
      const isGone = error.code === 'ENOENT' || error.status === 404;
      if (!isGone || (await look(source)) !== undefined) throw error;
    });
  }
}

/**
 * Moves something to where `there` is, or nothing. What was there is gone only once the other is in its place.
 *
 * @param what.expected only this is moved
 * @param what.replace what the destination may be by then
 */
async function moveInto(from, to, { there, expected, replace }) {
  const folders = there?.isDirectory() || (there && (await look(from))?.isDirectory());
  // A file takes the place of a file in one step; a folder can't be replaced like that. Where nothing was seen nothing is
  // replaced, so that of several that make the destination one is told 201.
  if (!folders) return moveFile(from, to, { expected, replace: there === undefined ? 'nothing' : replace });
  const old = shownBeside(to);
  await moveFile(to, old, { expected: typeof replace === 'object' ? replace : undefined });
  try {
    await moveFile(from, to, { expected });
  } catch (error) {
    await moveFile(old, to);
    throw error;
  }
  const [stuck] = await removeAny(old);
  if (stuck !== undefined) throw stuck.error;
}

/** Copies under another name first, so that a copy that fails changes nothing. */
async function copyInto(from, to, { expected, ...how }) {
  const made = hiddenBeside(to);
  try {
    await copy(from, made, how);
    // What is still the same had no other in its place in between: this is a copy of exactly that.
    if (expected !== undefined && !isStill(await look(from), expected))
      throw new SluiceError('ERR_SLUICE_PRECONDITION', 'The original was replaced while it was copied');
    await moveInto(made, to, how);
  } catch (error) {
    await removeAny(made);
    throw error;
  }
}

async function transfer(context, method) {
  const { root, locks, names, request, response } = context;
  const destination = destinationOf(context);
  const deep = depthOf(request) === 'infinity';
  const overwrite = overwriteOf(request);
  const gone = new AbortController();
  if (response.closed) gone.abort();
  else response.once('close', () => gone.abort());
  const replaced = await decided(async () => {
    const { tokens, seen } = await demands(context);
    return await at(root, names, (from) =>
      inItsFolder(root, destination, async (to) => {
        const stat = await look(from);
        const expected = seen.expected(names, stat);
        if (stat === undefined) throw new Refusal(404, 'There is no such file');
        if (method === 'MOVE') checkWhole(request, stat);
        const there = await look(to);
        const replace = seen.replaceable(destination, there);
        if (there !== undefined && !overwrite)
          throw new Refusal(412, 'There is something at the destination');
        unlocked(context, tokens, destination, 'place');
        if (method === 'MOVE') {
          unlocked(context, tokens, names, 'place');
          await moveInto(from, to, { there, expected, replace });
        } else await copyInto(from, to, { there, expected, replace, deep, signal: gone.signal });
        return there !== undefined;
      }),
    );
  });
  if (method === 'MOVE') locks.forget(names);
  response.writeHead(replaced ? 204 : 201, replaced ? {} : { Location: pathOf(destination) }).end();
}

export const copyTo = (context) => transfer(context, 'COPY');
export const moveTo = (context) => transfer(context, 'MOVE');
