/** A worker thread: posts a file's checksum 20 times; then, where it has a long file, `long`, and sums that. */

import { parentPort, workerData } from 'node:worker_threads';
import { checksum } from 'sluice';

const { path, long, engine } = workerData;
for (let i = 0; i < 20; i++) parentPort.postMessage((await checksum(path, { engine })).value);
if (long) {
  parentPort.postMessage('long');
  await checksum(long, { engine });
}
