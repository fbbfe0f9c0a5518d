import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { attachXdp, Link, Program } from 'sluice/libbpf';
import { hits, hooks, sendDatagrams, tool } from './hooks.mjs';

tool('ip', 'link', 'set', 'lo', 'up');
const pins = mkdtempSync(join(tmpdir(), 'sluice-pins-'));
tool('mount', '-t', 'bpf', 'bpf', pins);
const loopback = 1;
const loaded = hooks('on_xdp', 'on_xdp_too');

/** How much the programs counted while five packets arrived. */
async function seen() {
  const before = hits(loaded);
  await sendDatagrams(5);
  return hits(loaded) - before;
}

const link = attachXdp(loaded.program('on_xdp'), loopback);
const { type } = link.info();
const attached = await seen();
let second;
try {
  attachXdp(loaded.program('on_xdp'), loopback);
} catch (error) {
  second = error.code;
}
link.update(loaded.program('on_xdp_too'));
const updated = await seen();

link.pin(join(pins, 'link'));
link.close();
const pinned = await seen();
const again = Link.openPinned(join(pins, 'link'));
again.detach();
const detached = await seen();
again.close();

loaded.program('on_xdp').pin(join(pins, 'program'));
const { name } = Program.openPinned(join(pins, 'program'));
console.log(JSON.stringify({ type, attached, second, updated, pinned, detached, name }));
