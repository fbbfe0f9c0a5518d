// SPDX-License-Identifier: Apache-2.0
// COPY and MOVE.

import { mkdir, rename, rm } from 'node:fs/promises';
import { conditions, namesOfUrl, unlocked } from './guard.mjs';
import { copyAttributes, withHandle } from './properties.mjs';
import { Refusal } from './refusal.mjs';
import { copyFile } from './store.mjs';
import { at, look, membersOf, pathOf } from './tree.mjs';
import { inItsFolder } from './writing.mjs';

function destinationOf({ names, request }) {
  const header = request.headers.destination;
  if (header === undefined) throw new Refusal(400, 'The field Destination is missing');
  const destination = namesOfUrl(header, request);
  if (destination === undefined) throw new Refusal(502, 'The destination is on another server');
  const [from, to] = [names, destination].map((each) => `${pathOf(each)}/`);
  if (to.startsWith(from) || from.startsWith(to))
    throw new Refusal(403, 'Neither can be, or be in, the other');
  return destination;
}

/** Copies a file, or a folder with what is in it. */
async function copy(from, to, deep) {
  const stat = await look(from);
  if (!stat.isDirectory()) return copyFile(from, to);
  await mkdir(to);
  await withHandle(from, (source) => withHandle(to, (made) => copyAttributes(source, made)));
  if (!deep) return;
  for (const name of await membersOf(from)) await copy(`${from}/${name}`, `${to}/${name}`, true);
}

async function transfer(context, method) {
  const { root, locks, names, request, response } = context;
  const destination = destinationOf(context);
  const tokens = await conditions(context);
  const deep = request.headers.depth !== '0';
  const replaced = await at(root, names, (from) =>
    inItsFolder(root, destination, async (to) => {
      if ((await look(from)) === undefined) throw new Refusal(404, 'There is no such file');
      const there = await look(to);
      if (there !== undefined && request.headers.overwrite?.toUpperCase() === 'F')
        throw new Refusal(412, 'There is something at the destination');
      unlocked(context, tokens, destination, 'place');
      if (method === 'MOVE') unlocked(context, tokens, names, 'place');
      // A file takes the place of a file in one step; a folder can't be replaced like that.
      const atOnce = there?.isFile() && !(await look(from)).isDirectory();
      if (there !== undefined && !atOnce) await rm(to, { recursive: true });
      if (method === 'MOVE') await rename(from, to);
      else await copy(from, to, deep);
      return there !== undefined;
    }),
  );
  if (method === 'MOVE') locks.forget(names);
  response.writeHead(replaced ? 204 : 201, replaced ? {} : { Location: pathOf(destination) }).end();
}

export const copyTo = (context) => transfer(context, 'COPY');
export const moveTo = (context) => transfer(context, 'MOVE');
