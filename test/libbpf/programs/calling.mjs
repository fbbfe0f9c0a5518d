/**
 * Makes calls for which a process needs capabilities, and prints for each what came of it: `done`, or the code of the
 * error and what the process lacks by its message.
 *
 * node calling.mjs FOLDER CALL... (FOLDER: where core.bpf.o and hooks.bpf.o are)
 */

import { attachTc, BpfMap, enableStatistics, openObject } from 'sluice/libbpf';
import { native } from '#lib/native/index.js';

const [folder, ...names] = process.argv.slice(2);
const sizes = { keySize: 4, valueSize: 4, maxEntries: 1 };

/** Loads only that program of an object. */
function load(name, object) {
  const opened = openObject(`${folder}/${object}.bpf.o`);
  for (const other of opened.programNames) opened.program(other).autoload = other === name;
  return opened.load();
}

const calls = {
  socketFilter: () => load('target', 'core'),
  tracing: () => load('sample', 'core'),
  network: () => load('mirror', 'core'),
  hash: () => BpfMap.create({ type: 'hash', ...sizes }),
  sockets: () => BpfMap.create({ type: 'sockmap', ...sizes }),
  byId: () => BpfMap.fromId(1),
  statistics: () => enableStatistics(),
  filterWithoutNetAdmin() {
    const loaded = load('on_filter', 'hooks');
    native.dropCapabilities(1n << 12n, false);
    attachTc(loaded.program('on_filter'), 1);
  },
  writingToAFrozenMap() {
    const map = BpfMap.create({ type: 'array', ...sizes });
    map.freeze();
    map.native.update(new Uint8Array(4), new Uint8Array(4), 0);
  },
};

function outcome(call) {
  try {
    call();
    return 'done';
  } catch ({ code, message, remedy }) {
    const [, lacks = ''] = /it lacks (.*?)\. Grant /.exec(message) ?? [];
    const granted = lacks === '' || remedy.startsWith(`Grant ${lacks} (systemd: `);
    return granted ? `${code} ${lacks}`.trim() : message;
  }
}

console.log(JSON.stringify(Object.fromEntries(names.map((name) => [name, outcome(calls[name])]))));
