/** What a process is told that lacks capabilities: which they are, and no other. */

import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { testObject } from './support.js';

const library = JSON.stringify(new URL('../../dist/libbpf/index.js', import.meta.url).href);

const addon = JSON.stringify(new URL('../../dist/native/index.js', import.meta.url).href);

/** What becomes of each call in a process with these capabilities only: the code, and what it lacks by the message. */
function outcomes(capabilities: string, calls: Record<string, string>): Record<string, string> {
  const script = `
const { native } = await import(${addon});
const { attachTc, BpfMap, enableStatistics, openObject } = await import(${library});
const sizes = { keySize: 4, valueSize: 4, maxEntries: 1 };
function load(name, path) {
  const opened = openObject(path);
  for (const other of opened.programNames) opened.program(other).autoload = other === name;
  return opened.load();
}
const outcome = (call) => {
  try {
    call();
    return 'done';
  } catch ({ code, message, remedy }) {
    const [, lacks = ''] = /it lacks (.*?)\\. Grant /.exec(message) ?? [];
    const granted = lacks === '' || remedy.startsWith('Grant ' + lacks + ' (systemd: ');
    return granted ? (code + ' ' + lacks).trim() : message;
  }
};
console.log(JSON.stringify({ ${Object.entries(calls).map(([name, call]) => `${name}: outcome(() => ${call})`)} }));`;
  const nobody = ['--reuid=65534', '--regid=65534', '--clear-groups'];
  const held = [`--inh-caps=${capabilities}`, `--ambient-caps=${capabilities}`];
  const command = [process.execPath, '--input-type=module', '-e', script];
  return JSON.parse(execFileSync('setpriv', [...nobody, ...held, ...command], { encoding: 'utf8' }));
}

const core = JSON.stringify(testObject('core'));
const calls = {
  socketFilter: `load('target', ${core})`,
  tracing: `load('sample', ${core})`,
  network: `load('mirror', ${core})`,
  hash: `BpfMap.create({ type: 'hash', ...sizes })`,
  sockets: `BpfMap.create({ type: 'sockmap', ...sizes })`,
  byId: 'BpfMap.fromId(1)',
  statistics: 'enableStatistics()',
};
const none = 'ERR_SLUICE_NO_CAPABILITY';

it('1 names those that are missing for a load, a map, an id', () => {
  expect(outcomes('-all', calls)).toEqual({
    socketFilter: `${none} CAP_BPF`,
    tracing: `${none} CAP_BPF and CAP_PERFMON`,
    network: `${none} CAP_BPF and CAP_NET_ADMIN`,
    hash: `${none} CAP_BPF`,
    sockets: `${none} CAP_BPF and CAP_NET_ADMIN`,
    byId: `${none} CAP_SYS_ADMIN`,
    statistics: `${none} CAP_SYS_ADMIN`,
  });
});

it('2 does not name those that the process has', () => {
  const byId = { byId: `${none} CAP_SYS_ADMIN`, statistics: `${none} CAP_SYS_ADMIN` };
  expect(outcomes('+bpf', calls)).toEqual({
    socketFilter: 'done',
    tracing: `${none} CAP_PERFMON`,
    network: `${none} CAP_NET_ADMIN`,
    hash: 'done',
    sockets: `${none} CAP_NET_ADMIN`,
    ...byId,
  });
  expect(outcomes('+bpf,+perfmon,+net_admin', calls)).toEqual({
    socketFilter: 'done',
    tracing: 'done',
    network: 'done',
    hash: 'done',
    sockets: 'done',
    ...byId,
  });
});

it('3 names CAP_NET_ADMIN for a filter of an interface, also if the program is loaded', () => {
  const hooks = JSON.stringify(testObject('hooks'));
  const attached = `{
    const loaded = load('on_filter', ${hooks});
    native.dropCapabilities(1n << 12n);
    attachTc(loaded.program('on_filter'), 1);
  }`;
  expect(outcomes('+bpf,+perfmon,+net_admin', { attached })).toEqual({ attached: `${none} CAP_NET_ADMIN` });
});

it('4 blames no capability for what none would allow', () => {
  const frozen = `{
    const map = BpfMap.create({ type: 'array', ...sizes });
    map.freeze();
    map.native.update(new Uint8Array(4), new Uint8Array(4), 0);
  }`;
  expect(outcomes('+bpf', { frozen })).toEqual({ frozen: 'ERR_SLUICE_BPF' });
});
