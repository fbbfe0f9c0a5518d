import { execFileSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../helpers/files.js';
import { rounds } from '../helpers/rounds.js';

const folder = temporaryFolder();
const relays = rounds(200);
const relayModule = new URL('../../dist/relay/index.js', import.meta.url).href;

/** Runs as nobody, with one thread of libuv's: one stalled relay on it would stop all that is asked for meanwhile. */
const script = `
import { once } from 'node:events';
import dns from 'node:dns/promises';
import fs from 'node:fs';
import net from 'node:net';
process.chdir(${JSON.stringify(folder)});
process.setgroups([]); process.setgid(65534); process.setuid(65534);
const { relay } = await import(${JSON.stringify(relayModule)});

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
/** The median of what nine turns take, in ms. */
async function median(work) {
  const times = [];
  for (let i = 0; i < 9; i++) {
    const start = performance.now();
    await work();
    times.push(performance.now() - start);
  }
  return times.sort((a, b) => a - b)[4];
}
const others = async () => [
  await median(() => fs.promises.readFile('content')),
  await median(() => dns.lookup('localhost')),
];
const alone = await others();
const content = fs.openSync('content');
const options = { engine: 'userspace' };
const started = process.cpuUsage();
const moved = [];
const stalled = [];
for (let i = 0; i < ${relays}; i++) {
  const { ours, theirs } = await pair();
  const onProgress = (bytes) => { moved[i] = bytes; };
  if (i % 2) {
    const sink = fs.openSync('sink-' + i, 'w+');
    theirs.write('part');
    stalled.push({ theirs, gives: true, relaying: relay(ours, sink, { ...options, onProgress }) });
  } else {
    stalled.push({ theirs, gives: false, relaying: relay(content, ours, { ...options, onProgress }).finally(() => ours.destroy()) });
  }
}
while (moved.filter((bytes) => bytes > 0).length < ${relays}) await new Promise((later) => setTimeout(later, 20));
// Each has moved what it could. While nothing can be moved, nobody works: less than a tenth of one second's time.
await new Promise((later) => setTimeout(later, 300));
const before = process.cpuUsage();
await new Promise((later) => setTimeout(later, 1000));
const { user, system } = process.cpuUsage(before);

const beside = await others();
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
console.log(JSON.stringify({ alone, beside, busy: (user + system) / 1e6, read, address, bytes, hex: checksums.adler32.hex, threads,
  moved: [...new Set(results.map(({ bytes }) => bytes))], values: [...new Set(results.map(({ checksums }) => checksums.adler32.hex))] }));
process.exit(0);
`;

describe(`${relays} relays with peers that stall, of an unprivileged user`, () => {
  it('hold no thread that others need, use no time, and end with the right values', () => {
    chmodSync(folder, 0o777);
    const printed = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
      timeout: 50_000, // a relay that held libuv's only thread would never let it end
      env: { ...process.env, UV_THREADPOOL_SIZE: '1' },
    });
    const seen = JSON.parse(printed);
    expect(seen).toMatchObject({ read: 2_000_000, bytes: 2_000_000 });
    expect(seen.address).toMatch(/^(127\.0\.0\.1|::1)$/);
    // Milliseconds, on any machine; a turn behind a stalled relay would never come.
    for (const [i, ms] of seen.beside.entries()) expect(ms).toBeLessThan(10 * seen.alone[i] + 1000);
    expect(seen.busy).toBeLessThan(0.5);
    expect(seen.threads).toBeLessThan(40);
    expect(seen.moved.sort()).toEqual([2_000_000, 8]);
    // "partrest", and the content, which the unstalled relay moved too.
    expect(seen.values.sort()).toEqual(['0f700376', seen.hex].sort());
  });
});
