/**
 * Takes five bytes from a stream while another relay, whose source nobody feeds, has it as its sink: when it is told to the
 * first ends, and when it is told again the second.
 *
 * node second-relay.mjs STREAM SILENT (two descriptors)
 */

import { openSync } from 'node:fs';
import { relay } from 'sluice/relay';

const [stream, silent] = process.argv.slice(2).map(Number);
const leave = new AbortController();
const second = relay(silent, stream, { signal: leave.signal }).catch(({ code }) => code);
const told = () => new Promise((resolve) => process.stdin.once('data', resolve));
await told();
await relay(stream, openSync('/dev/null', 'w'), { range: { end: 5 } });
console.log('first');
await told();
leave.abort();
console.log(await second);
process.exit();
