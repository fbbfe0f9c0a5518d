/** A worker thread: relays between two descriptors, and posts `moving` whenever bytes have been moved. */

import { parentPort, workerData } from 'node:worker_threads';
import { relay } from 'sluice/relay';

await relay(workerData.source, workerData.sink, { onProgress: () => parentPort.postMessage('moving') });
