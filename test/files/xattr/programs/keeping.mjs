// Keeps attributes of a file under way until it is ended.
import { openSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { listAttributes, setAttribute } from '#lib/files/xattr/attributes.js';

const fd = openSync(workerData.file, 'r');
parentPort.postMessage('begun');
for (;;) {
  const calls = Array.from({ length: 20 }, () => [
    setAttribute(fd, 'user.a', Buffer.from('1')),
    listAttributes(fd),
  ]);
  await Promise.all(calls.flat());
}
