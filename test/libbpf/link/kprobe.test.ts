/** Kprobes. */

import { expect, it } from 'vitest';
import { attachKprobe } from '../../../lib/libbpf/index.js';
import { expectRefusal } from '../support.js';
import { exerciseHook, hasPerfProbe, hooks } from './hooks.js';

it('a kprobe runs at the entry of a function', () => {
  exerciseHook(hasPerfProbe('kprobe'), 'on_kprobe', (loaded) =>
    attachKprobe(loaded.program('on_kprobe'), 'vfs_read'),
  );
});

it('attachKprobe refuses a function that there is not', () => {
  using loaded = hooks('on_kprobe');
  const error = expectRefusal(() => attachKprobe(loaded.program('on_kprobe'), 'no_such_function'));
  expect(error.message).toContain('attach the program on_kprobe');
});
