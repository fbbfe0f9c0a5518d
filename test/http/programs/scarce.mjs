/**
 * A file server that has no descriptor left while it answers what is asked of it with `Scarce`. Prints its port.
 *
 * node scarce.mjs ROOT
 */

import { closeSync, openSync } from 'node:fs';
import { createServer } from 'node:http';
import { fileHandler } from 'sluice/http';

const [root] = process.argv.slice(2);
const files = fileHandler({ locate: ({ url }) => ({ root, path: url }) });
const server = createServer(async (request, response) => {
  const taken = [];
  try {
    while (request.headers.scarce) taken.push(openSync('/dev/null'));
  } catch (error) {
    if (error.code !== 'EMFILE') throw error;
  }
  await files(request, response);
  for (const fd of taken) closeSync(fd);
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
