import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { createChecksum } from '../../lib/index.js';
import { temporaryFolder } from '../helpers/files.js';

const folder = temporaryFolder();
const chunks = 600_000;

/** A server and clients that send their bodies in chunks of one byte, the last of them when all wait for it. */
const script = `
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { once } from 'node:events';
import { receive } from './dist/http/index.js';
const server = createServer(async (request, response) => {
  const { checksums } = await receive(request, ${JSON.stringify(folder)} + request.url, { algorithms: ['crc32'] });
  response.end(checksums.crc32.hex);
}).listen(0, '127.0.0.1');
await once(server, 'listening');
const body = Buffer.from('1\\r\\nx\\r\\n'.repeat(${chunks}));
const sockets = await Promise.all([0, 1, 2, 3].map(async (name) => {
  const socket = connect(server.address().port, '127.0.0.1');
  socket.write('PUT /' + name + ' HTTP/1.1\\r\\nHost: a\\r\\nConnection: close\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n');
  await new Promise((sent) => socket.write(body, sent));
  return socket;
}));
for (const socket of sockets) {
  socket.write('0\\r\\n\\r\\n');
  const answer = (await socket.toArray()).join('');
  console.log(answer.includes(process.argv[1]) || answer);
}
process.exit();`;

test('a body of chunks of one byte takes no more memory than another', async () => {
  const content = Buffer.alloc(chunks, 'x');
  const hex = createChecksum('crc32').update(content).digest('hex');
  const limit = ['--max-old-space-size=64', '--input-type=module', '-e', script, hex];
  const { stdout } = await promisify(execFile)(process.execPath, limit);
  expect(stdout.trim().split('\n')).toEqual(Array(4).fill('true'));
  for (const name of ['0', '1', '2', '3']) {
    expect(readFileSync(join(folder, name)).equals(content)).toBe(true);
  }
});
