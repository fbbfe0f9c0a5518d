/** Kretprobes. */

import { it } from 'vitest';
import { attachKretprobe } from '../../../lib/libbpf/index.js';
import { exerciseHook, hasPerfProbe } from './hooks.js';

it('a kretprobe runs at the return of a function', () => {
  exerciseHook(hasPerfProbe('kprobe'), 'on_kretprobe', (loaded) =>
    attachKretprobe(loaded.program('on_kretprobe'), 'vfs_read'),
  );
});
