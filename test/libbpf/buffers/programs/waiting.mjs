/**
 * Waits for a record that does not come, and prints how often the event loop turned for that: in a process of its own,
 * where nothing else turns it.
 *
 * node waiting.mjs OBJECT
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { openObject, ringBuffer } from 'sluice/libbpf';

const ring = ringBuffer(openObject(process.argv[2]).load().map('records'));
ring.next();
await sleep(20);
const before = performance.nodeTiming.uvMetricsInfo.loopCount;
await sleep(400);
console.log(performance.nodeTiming.uvMetricsInfo.loopCount - before);
process.exit(0);
