/** Attaches what libbpf may need tracefs for, and reports what came of it. */

import { attachKprobe, attachTracepoint, attachUprobe, openObject } from 'sluice/libbpf';
import { packageRoot } from '#lib/native/index.js';

const opened = openObject(`${packageRoot}/build/test-bpf/hooks.bpf.o`);
const wanted = ['on_tracepoint', 'on_kprobe', 'on_uprobe'];
for (const name of opened.programNames) opened.program(name).autoload = wanted.includes(name);
const loaded = opened.load();

function outcome(attach) {
  try {
    attach().close();
    return null;
  } catch ({ code, message }) {
    return { code, message };
  }
}

console.log(
  JSON.stringify({
    tracepoint: outcome(() => attachTracepoint(loaded.program('on_tracepoint'), 'raw_syscalls', 'sys_enter')),
    kprobe: outcome(() => attachKprobe(loaded.program('on_kprobe'), 'vfs_read')),
    uprobe: outcome(() =>
      attachUprobe(loaded.program('on_uprobe'), '/no/such/program', { function: 'main' }),
    ),
  }),
);
