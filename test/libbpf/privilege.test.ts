/** What a process is told that lacks capabilities: which they are, and no other. */

import { execFileSync } from 'node:child_process';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { testObject } from './support.js';

const program = fileURLToPath(new URL('programs/calling.mjs', import.meta.url));
const objects = dirname(testObject('core'));

/** What comes of each call in a process with these capabilities only: the code, and what it lacks by the message. */
function outcomes(capabilities: string, calls: readonly string[]): Record<string, string> {
  const nobody = ['--reuid=65534', '--regid=65534', '--clear-groups'];
  const held = [`--inh-caps=${capabilities}`, `--ambient-caps=${capabilities}`];
  const command = [process.execPath, program, objects, ...calls];
  return JSON.parse(execFileSync('setpriv', [...nobody, ...held, ...command], { encoding: 'utf8' }));
}

const calls = ['socketFilter', 'tracing', 'network', 'hash', 'sockets', 'byId', 'statistics'];
const none = 'ERR_SLUICE_NO_CAPABILITY';

it('the error names those that are missing for a load, a map, an id', () => {
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

it('the error does not name those that the process has', () => {
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

it('the error names CAP_NET_ADMIN for a filter of an interface, also if the program is loaded', () => {
  const call = 'filterWithoutNetAdmin';
  expect(outcomes('+bpf,+perfmon,+net_admin', [call])).toEqual({ [call]: `${none} CAP_NET_ADMIN` });
});

it('the error blames no capability for what none would allow', () => {
  const call = 'writingToAFrozenMap';
  expect(outcomes('+bpf', [call])).toEqual({ [call]: 'ERR_SLUICE_BPF' });
});
