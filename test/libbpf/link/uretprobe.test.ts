/** Uretprobes. */

import { it } from 'vitest';
import { attachUretprobe } from '../../../lib/libbpf/index.js';
import { exerciseHook, hasPerfProbe } from './hooks.js';
import { askParent, libc } from './libc.js';

it("a uretprobe runs at the return of a library's function", () => {
  exerciseHook(
    hasPerfProbe('uprobe'),
    'on_uretprobe',
    (loaded) =>
      attachUretprobe(loaded.program('on_uretprobe'), libc(), { function: 'getppid', pid: process.pid }),
    askParent,
  );
});
