/** Tracepoints. */

import { existsSync } from 'node:fs';
import { it } from 'vitest';
import { attachTracepoint } from '../../../lib/libbpf/index.js';
import { expectRefusal } from '../support.js';
import { exerciseHook, hooks } from './hooks.js';

const supported = ['/sys/kernel/tracing', '/sys/kernel/debug/tracing'].some((tracefs) =>
  existsSync(`${tracefs}/events/raw_syscalls/sys_enter/id`),
);

it("a tracepoint's program runs at the tracepoint", () => {
  exerciseHook(supported, 'on_tracepoint', (loaded) =>
    attachTracepoint(loaded.program('on_tracepoint'), 'raw_syscalls', 'sys_enter'),
  );
});

it('attachTracepoint refuses a tracepoint that there is not', () => {
  using loaded = hooks('on_tracepoint');
  expectRefusal(() =>
    attachTracepoint(loaded.program('on_tracepoint'), 'raw_syscalls', 'no_such_tracepoint'),
  );
});
