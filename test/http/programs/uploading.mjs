/**
 * Uploads to itself, more than is taken for a short body, and prints the answer's status.
 *
 * node uploading.mjs FILE
 */

import { createServer, request } from 'node:http';
import { problemOf, receive } from 'sluice/http';

const server = createServer((put, response) =>
  receive(put, process.argv[2], { transport: 'stream', idleTimeout: 300 }).then(
    ({ status }) => response.writeHead(status).end(),
    (error) => response.writeHead(problemOf(error).status).end(),
  ),
).listen(0, '127.0.0.1', () => {
  request({ port: server.address().port, method: 'PUT', agent: false }, ({ statusCode }) => {
    console.log(statusCode);
    process.exit();
  }).end(Buffer.alloc(100_000));
});
