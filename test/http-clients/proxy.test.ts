/** rclone behind a proxy that tells the server another Host than the client's. */

import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, expect, it } from 'vitest';
import { run } from '../cli/run.js';
import { fileOf, temporaryFolder } from '../helpers/files.js';
import { needs } from '../helpers/needs.js';
import { served } from './serve.js';

needs('rclone');

const file = fileOf(temporaryFolder(), 1000);

const proxy = createServer((incoming, outgoing) => {
  const { method, url: path, headers } = incoming;
  const own = { host: '127.0.0.1', port: server.port, method, path };
  const forwarded = request({ ...own, headers: { ...headers, host: 'backend.internal' } }, (answer) => {
    outgoing.writeHead(answer.statusCode as number, answer.headers);
    answer.pipe(outgoing);
  });
  incoming.pipe(forwarded);
}).listen(0, '127.0.0.1');
await once(proxy, 'listening');
afterAll(() => {
  proxy.close();
});
const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
const server = served('--public-url', url);

it('a proxy that changes Host does not hide the destination of a MOVE or COPY', async () => {
  const rclone = (...args: string[]) =>
    run('rclone', ['--config=/dev/null', `--webdav-url=${url}`, '--retries=1', ...args]);
  const fine = { stdout: '', stderr: '', status: 0 };
  expect(await rclone('copyto', file, ':webdav:first')).toEqual(fine);
  expect(await rclone('moveto', ':webdav:first', ':webdav:folder/second')).toEqual(fine);
  expect(await rclone('copyto', ':webdav:folder/second', ':webdav:third')).toEqual(fine);
  expect(readdirSync(server.root, { recursive: true }).sort()).toEqual(['folder', 'folder/second', 'third']);
  expect(server.complaints()).toBe('');
});
