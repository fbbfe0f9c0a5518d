/** struct_ops: a TCP congestion control. */

import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { attachStructOps, BpfMap, Btf, hasProgramType, openObject } from '../../../lib/libbpf/index.js';
import { expectRefusal, refused, testObject } from '../support.js';

const available = () =>
  readFileSync('/proc/sys/net/ipv4/tcp_available_congestion_control', 'utf8').trim().split(' ');

const supported =
  hasProgramType('struct_ops') && Btf.kernel().describe('bpf_struct_ops_tcp_congestion_ops') !== undefined;

it('a congestion control is there while the link is', () => {
  const run = () => {
    using loaded = openObject(testObject('congestion')).load();
    using link = attachStructOps(loaded.map('constant'));
    expect(available()).toContain('sluice_test');
    link.close();
    expect(available()).not.toContain('sluice_test');
  };
  if (supported) run();
  else expectRefusal(run, ['ERR_SLUICE_BPF', 'ERR_SLUICE_VERIFIER']);
});

it('attachStructOps refuses a map that is no struct_ops, or does not come from an object', () => {
  using loaded = openObject(testObject('core')).load();
  expectRefusal(() => attachStructOps(loaded.map('points')));
  using map = BpfMap.create({ type: 'array', keySize: 4, valueSize: 4, maxEntries: 1 });
  expect(refused(() => attachStructOps(map)).message).toContain('does not come from an object');
});
