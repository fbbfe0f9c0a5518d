import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../helpers/files.js';
import { needs } from '../helpers/needs.js';

needs('strace');

/** Uploads to itself, more than is taken for a short body, and prints the answer's status. */
const script = `
import { createServer, request } from 'node:http';
import { problemOf, receive } from './dist/http/index.js';
const server = createServer((put, response) =>
  receive(put, process.argv[1], { transport: 'stream', idleTimeout: 300 }).then(
    ({ status }) => response.writeHead(status).end(),
    (error) => response.writeHead(problemOf(error).status).end(),
  ),
).listen(0, '127.0.0.1', () => {
  request({ port: server.address().port, method: 'PUT', agent: false }, ({ statusCode }) => {
    console.log(statusCode);
    process.exit();
  }).end(Buffer.alloc(100_000));
});`;

test('a client whose body is whole is not blamed for a disk that takes its time', async () => {
  const slow = ['-f', '-qq', '-o', '/dev/null', '-e', 'inject=pwritev:delay_enter=2000000'];
  const server = [process.execPath, '--input-type=module', '-e', script, join(temporaryFolder(), 'file')];
  expect((await promisify(execFile)('strace', [...slow, ...server])).stdout).toBe('201\n');
});
