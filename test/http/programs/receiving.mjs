/**
 * A server that stores what is PUT with `receive`, unprivileged where it can be, and prints its port.
 *
 * node receiving.mjs ROOT OPTIONS [UMASK]
 */

import { createServer } from 'node:http';
import { problemOf, receive } from 'sluice/http';

const [root, options, umask] = process.argv.slice(2);
if (umask) process.umask(Number(umask));
if (process.getuid() === 0) {
  process.setgroups([]);
  process.setgid(65534);
  process.setuid(65534);
}

async function answer(request, response, proceed) {
  try {
    const { status, fields } = await receive(
      request,
      { root, path: request.url },
      { ...JSON.parse(options), ...(proceed && { proceed: () => response.writeContinue() }) },
    );
    response.writeHead(status, fields).end();
  } catch (error) {
    const { status, headers, body } = problemOf(error);
    response.writeHead(status, headers).end(body);
  }
}
const server = createServer((request, response) => answer(request, response, false));
server.on('checkContinue', (request, response) => answer(request, response, true));
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
