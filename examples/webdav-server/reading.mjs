// SPDX-License-Identifier: Apache-2.0
// OPTIONS, GET and HEAD.

import { send } from 'sluice/http';
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

export async function get(context) {
  const { root, names, request, response } = context;
  await at(root, names, async (path) => {
    const stat = await look(path);
    if (stat === undefined) throw new Refusal(404, 'There is no such file');
    if (stat.isFile()) {
      // By its names, which errors tell then; this path is good only for now.
      const place = { root, path: names.join('/') };
      return send(response, place, { fields: ['Digest', 'Repr-Digest'], verify: 'onread' });
    }
    const listing = (await membersOf(path)).map((name) => `${name}\n`).join('');
    const fields = {
      'Content-Type': 'text/plain; charset=utf-8',
      'Content-Length': Buffer.byteLength(listing),
    };
    response.writeHead(200, fields).end(request.method === 'HEAD' ? undefined : listing);
  });
}
