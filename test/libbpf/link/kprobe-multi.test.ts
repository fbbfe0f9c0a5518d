/** Kprobes on many functions by one link (5.18). */

import { expect, it } from 'vitest';
import { attachKprobeMulti, Btf } from '../../../lib/libbpf/index.js';
import { refused } from '../support.js';
import { exerciseHook, hasPerfProbe, hooks } from './hooks.js';

const supported = hasPerfProbe('kprobe') && Btf.kernel().hasFunction('register_fprobe_ips');

it('a kprobe of many functions runs at the entry of each of the functions named', () => {
  exerciseHook(supported, 'on_kprobe_multi', (loaded) =>
    attachKprobeMulti(loaded.program('on_kprobe_multi'), { functions: ['vfs_read', 'vfs_write'] }),
  );
});

it('a kprobe of many functions runs at the entry of the functions that a pattern matches', () => {
  exerciseHook(supported, 'on_kprobe_multi', (loaded) =>
    attachKprobeMulti(loaded.program('on_kprobe_multi'), { pattern: 'vfs_rea?' }),
  );
});

it('attachKprobeMulti wants either names or a pattern', () => {
  using loaded = hooks('on_kprobe');
  const program = loaded.program('on_kprobe');
  expect(refused(() => attachKprobeMulti(program, {})).code).toBe('ERR_SLUICE_OPTION');
  const both = { functions: ['vfs_read'], pattern: 'vfs_*' };
  expect(refused(() => attachKprobeMulti(program, both)).code).toBe('ERR_SLUICE_OPTION');
});
