/**
 * Relays a file once, so that the engine is loaded and its threads are there, and prints the backend. Does so again when
 * it is told to, then in user space, and prints as JSON what came of that.
 *
 * node stopping.mjs ENGINE SOURCE SINK
 */

import { once } from 'node:events';
import { openSync } from 'node:fs';
import { algorithms } from 'sluice';
import { relay } from 'sluice/relay';

const [engine, from, to] = process.argv.slice(2);
const [source, sink] = [openSync(from), openSync(to, 'w+')];
console.log((await relay(source, sink, { engine, algorithms })).backend);
await once(process.stdin, 'data');
const outcome = await relay(source, sink, { engine, algorithms }).then(
  ({ bytes, backend, backendReason, checksums }) => {
    const values = Object.fromEntries(algorithms.map((name) => [name, checksums[name].hex]));
    return { bytes, backend, backendReason, values };
  },
  ({ code, message, bytes }) => ({ code, message, bytes }),
);
const again = await relay(source, sink, { engine: 'userspace' });
console.log(JSON.stringify({ ...outcome, again: again.checksums.adler32.hex }));
process.exit();
