/**
 * Relays in user space while the process is short of descriptors or threads, and prints as JSON what came of it.
 *
 * node short.mjs pipe|poller SOURCE SINK [FIFO]
 * node short.mjs thread FIFO
 */

import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readdirSync, writeSync } from 'node:fs';
import { relay } from 'sluice/relay';
import { exhaust } from '../../helpers/exhaust.mjs';

const [scene, ...paths] = process.argv.slice(2);
const engine = 'userspace';

const scenes = {
  /** Without any descriptor, then with one for each end and none for a pipe. */
  async pipe(from, to) {
    const source = openSync(from);
    const sinks = [openSync(to, 'w+'), openSync('/dev/null', 'w')];
    const taken = exhaust();
    const refused = await relay(source, sinks[0], { engine }).catch(({ code }) => code);
    for (const fd of taken.slice(-2)) closeSync(fd);
    const results = [];
    for (const sink of sinks) results.push(await relay(source, sink, { engine }));
    return [refused, ...results.map(({ bytes, checksums }) => [bytes, checksums.adler32.hex])];
  },

  /** With descriptors for both ends and the thread's pipe, and none for the poller. */
  async poller(from, to, through) {
    const fifo = openSync(through, 'r+');
    const source = openSync(from);
    const sink = openSync(to, 'w+');
    writeSync(fifo, 'part');
    const taken = exhaust();
    for (const fd of taken.splice(-5)) closeSync(fd);
    const waiting = await relay(fifo, sink, { engine }).catch(({ code, bytes }) => [code, bytes]);
    for (const fd of taken) closeSync(fd);
    writeSync(fifo, 'rest');
    const rest = await relay(fifo, sink, { engine, range: { end: 4 }, sinkOffset: 4 });
    const { bytes, checksums } = await relay(source, sink, { engine, sinkOffset: 8 });
    return [waiting, rest.bytes, bytes, checksums.adler32.hex];
  },

  async thread(silent) {
    const [fifo, sink] = [openSync(silent, 'r+'), openSync('/dev/null', 'w')];
    await relay(openSync('/etc/hostname'), sink, { engine }); // so that the pool has a thread
    execFileSync('prlimit', ['--nproc=1', '--pid', String(process.pid)]);
    const open = () => readdirSync('/proc/self/fd').length;
    const before = open();
    const codes = new Set();
    for (let i = 0; i < 20; i++) await relay(fifo, sink, { engine }).catch(({ code }) => codes.add(code));
    return { codes: [...codes], more: open() - before };
  },
};

console.log(JSON.stringify(await scenes[scene](...paths)));
process.exit();
