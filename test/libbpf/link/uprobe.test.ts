/** Uprobes. */

import { it } from 'vitest';
import { attachUprobe } from '../../../lib/libbpf/index.js';
import { expectRefusal } from '../support.js';
import { exerciseHook, hasPerfProbe, hooks } from './hooks.js';
import { askParent, libc } from './libc.js';

it("a uprobe runs at the entry of a library's function", () => {
  exerciseHook(
    hasPerfProbe('uprobe'),
    'on_uprobe',
    (loaded) => attachUprobe(loaded.program('on_uprobe'), libc(), { function: 'getppid', pid: process.pid }),
    askParent,
  );
});

it('attachUprobe refuses a function or a file that there is not', () => {
  using loaded = hooks('on_uprobe');
  const program = loaded.program('on_uprobe');
  expectRefusal(() => attachUprobe(program, libc(), { function: 'no_such_function', pid: process.pid }));
  expectRefusal(() => attachUprobe(program, '/no/such/file', { function: 'getppid', pid: process.pid }));
});
