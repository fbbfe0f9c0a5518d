/**
 * Is asked by itself to replace a file on a condition, and prints the code and message of the error of `receive`.
 *
 * node receiving-conditionally.mjs FILE
 */

import { createServer, request } from 'node:http';
import { receive } from 'sluice/http';

const server = createServer({ requestTimeout: 0 }, (put, response) =>
  receive(put, process.argv[2], { keep: false }).catch((error) => {
    console.log(error.code, error.message);
    response.writeHead(500, { Connection: 'close' }).end();
  }),
);
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address();
  request({ port, host: '127.0.0.1', method: 'PUT', headers: { 'If-Match': '"a"' } }, (answer) => {
    answer.resume();
    server.close();
  }).end();
});
