/**
 * Starts many relays whose peers stall, as nobody, with one thread of libuv's: one stalled relay on it would stop all that
 * others ask for.
 *
 * node stalled.mjs FOLDER RELAYS
 */

import dns from 'node:dns/promises';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';

const [folder, relays] = process.argv.slice(2);
process.chdir(folder);
process.setgroups([]);
process.setgid(65534);
process.setuid(65534);
const { relay } = await import('sluice/relay');

const server = net.createServer({ pauseOnConnect: true }).listen('socket');
await once(server, 'listening');
async function pair() {
  const theirs = net.connect({ path: 'socket', onread: undefined });
  theirs.pause();
  const [ours] = await once(server, 'connection');
  return { ours, theirs };
}
const size = 2_000_000;
fs.writeFileSync('content', Buffer.alloc(size, 'sluice'));
const content = fs.openSync('content');
const options = { engine: 'userspace' };
const moved = [];
const stalled = [];
for (let i = 0; i < Number(relays); i++) {
  const { ours, theirs } = await pair();
  const onProgress = (bytes) => {
    moved[i] = bytes;
  };
  if (i % 2) {
    const sink = fs.openSync(`sink-${i}`, 'w+');
    theirs.write('part');
    stalled.push({ theirs, gives: true, relaying: relay(ours, sink, { ...options, onProgress }) });
  } else {
    stalled.push({
      theirs,
      gives: false,
      relaying: relay(content, ours, { ...options, onProgress }).finally(() => ours.destroy()),
    });
  }
}
while (moved.filter((bytes) => bytes > 0).length < Number(relays))
  await new Promise((later) => setTimeout(later, 20));
// Each has moved what it could. The test looks at this process now, and then says that it can go on.
console.log('stalled');
await once(process.stdin, 'data');

const read = (await fs.promises.readFile('content')).length;
const { address } = await dns.lookup('localhost');
const other = fs.openSync('other', 'w+');
const { bytes, checksums } = await relay(content, other, options);
const threads = fs.readdirSync('/proc/self/task').length;

for (const { theirs, gives } of stalled) {
  if (gives) theirs.end('rest');
  else theirs.resume();
}
const results = await Promise.all(stalled.map(({ relaying }) => relaying));
console.log(
  JSON.stringify({
    read,
    address,
    bytes,
    hex: checksums.adler32.hex,
    threads,
    moved: [...new Set(results.map(({ bytes }) => bytes))],
    values: [...new Set(results.map(({ checksums }) => checksums.adler32.hex))],
  }),
);
process.exit(0);
