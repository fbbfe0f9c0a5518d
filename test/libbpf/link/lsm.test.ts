/** LSM hooks. */

import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { attachLsm, hasProgramType } from '../../../lib/libbpf/index.js';
import { exerciseHook, hooks } from './hooks.js';

const modules = '/sys/kernel/security/lsm';
const active = existsSync(modules) && readFileSync(modules, 'utf8').split(',').includes('bpf');

it('an LSM program runs where the kernel asks its security modules', () => {
  if (hasProgramType('lsm') && !active) {
    // Without `bpf` among the modules the kernel takes the program and never asks it.
    using loaded = hooks('on_file_open');
    using link = attachLsm(loaded.program('on_file_open'));
    expect(link.info().type).toBe('tracing');
    return;
  }
  exerciseHook(
    hasProgramType('lsm'),
    'on_file_open',
    (loaded) => attachLsm(loaded.program('on_file_open')),
    (times) => {
      for (let i = 0; i < times; i++) closeSync(openSync('/proc/version', 'r'));
    },
  );
});
