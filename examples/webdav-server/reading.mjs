// SPDX-License-Identifier: Apache-2.0
// OPTIONS, GET and HEAD.

import { send } from 'sluice/http';
import { conditions } from './guard.mjs';
import { sendParts } from './multistatus.mjs';
import { Refusal } from './refusal.mjs';
import { at, look, membersOf } from './tree.mjs';

/** What there is, though not for everything: a folder has no content that could be PUT. */
export const allowed =
  'OPTIONS, GET, HEAD, PUT, DELETE, MKCOL, COPY, MOVE, PROPFIND, PROPPATCH, LOCK, UNLOCK';

export async function options({ response }) {
  response
    .writeHead(200, {
      DAV: '1, 2',
      Allow: allowed,
      'MS-Author-Via': 'DAV',
      'Content-Length': 0,
    })
    .end();
}

async function* lines(path) {
  for await (const name of membersOf(path)) yield `${name}\n`;
}

export async function get(context) {
  const { root, names, response } = context;
  await conditions(context);
  await at(root, names, async (path) => {
    const stat = await look(path);
    if (stat === undefined) throw new Refusal(404, 'There is no such file');
    if (stat.isFile()) {
      // By its names, which errors tell then; this path is good only for now.
      const place = { root, path: names.join('/') };
      return send(response, place, { fields: ['Digest', 'Repr-Digest'], verify: 'onread' });
    }
    await sendParts(response, 200, 'text/plain', lines(path));
  });
}
