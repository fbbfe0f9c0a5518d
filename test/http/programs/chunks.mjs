/**
 * A server, and four clients that send it a body in chunks of one byte, the last of them when all wait for it. Prints a
 * line for each: the CRC-32 that the server answers with.
 *
 * node chunks.mjs FOLDER CHUNKS
 */

import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { receive } from 'sluice/http';

const [folder, chunks] = process.argv.slice(2);
const server = createServer(async (request, response) => {
  const { checksums } = await receive(request, folder + request.url, { algorithms: ['crc32'] });
  response.end(checksums.crc32.hex);
}).listen(0, '127.0.0.1');
await once(server, 'listening');

const body = Buffer.from('1\r\nx\r\n'.repeat(Number(chunks)));
const head = 'Host: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n';
const sockets = await Promise.all(
  [0, 1, 2, 3].map(async (name) => {
    const socket = connect(server.address().port, '127.0.0.1');
    socket.write(`PUT /${name} HTTP/1.1\r\n${head}`);
    await new Promise((sent) => socket.write(body, sent));
    return socket;
  }),
);
for (const socket of sockets) {
  socket.write('0\r\n\r\n');
  const answer = (await socket.toArray()).join('');
  console.log(/\b[0-9a-f]{8}\b/.exec(answer.split('\r\n\r\n')[1])?.[0] ?? answer);
}
process.exit();
