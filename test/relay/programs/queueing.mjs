/**
 * Relays 1000 bytes from file to file so many times at once, and another time which it abandons. Prints as JSON, in the
 * order in which they ended, how many bytes each moved, or its name and error.
 *
 * node queueing.mjs SOURCE FOLDER RELAYS
 */

import { openSync } from 'node:fs';
import { relay } from 'sluice/relay';

const [file, folder, relays] = process.argv.slice(2);
const source = openSync(file);
const ends = [];

async function start(name, signal) {
  const sink = openSync(`${folder}/${name}`, 'w+');
  const options = { engine: 'userspace', range: { end: 1000 }, idleTimeout: 100, signal };
  await relay(source, sink, options).then(
    ({ bytes }) => ends.push(bytes),
    ({ code }) => ends.push([name, code]),
  );
}

const started = Array.from({ length: Number(relays) }, (_, i) => start(i));
const controller = new AbortController();
started.push(start('abandoned', controller.signal));
controller.abort();
await Promise.all(started);
console.log(JSON.stringify(ends));
