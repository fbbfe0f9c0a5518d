/** Raw tracepoints. */

import { expect, it } from 'vitest';
import { attachRawTracepoint, Program } from '../../../lib/libbpf/index.js';
import { expectRefusal, refused } from '../support.js';
import { exerciseHook, hits, hooks, read } from './hooks.js';

it("a raw tracepoint's program runs at the tracepoint", () => {
  exerciseHook(true, 'on_raw_tracepoint', (loaded) =>
    attachRawTracepoint(loaded.program('on_raw_tracepoint'), 'sys_enter'),
  );
});

it("a raw tracepoint's program describes its link", () => {
  using loaded = hooks('on_raw_tracepoint');
  const program = loaded.program('on_raw_tracepoint');
  using link = attachRawTracepoint(program, 'sys_enter');
  expect(link.info()).toMatchObject({ type: 'raw_tracepoint', programId: program.info().id });
});

it("a raw tracepoint's program keeps running when its object is closed, until the link is", () => {
  const loaded = hooks('on_raw_tracepoint');
  const link = attachRawTracepoint(loaded.program('on_raw_tracepoint'), 'sys_enter');
  using map = Program.fromId(loaded.program('on_raw_tracepoint').info().id);
  loaded.close();
  const { type } = map.info();
  expect(type).toBe('raw_tracepoint');
  expect(link.info().type).toBe('raw_tracepoint');
  link.close();
  expect(refused(() => link.info()).code).toBe('ERR_SLUICE_CLOSED');
});

it('attachRawTracepoint refuses a tracepoint that there is not, a pin outside a BPF file system, and what raw links can not do', () => {
  using loaded = hooks('on_raw_tracepoint', 'on_raw_tracepoint_too');
  const program = loaded.program('on_raw_tracepoint');
  expect(expectRefusal(() => attachRawTracepoint(program, 'no_such_tracepoint')).errno).toBe(2);
  using link = attachRawTracepoint(program, 'sys_enter');
  expectRefusal(() => link.pin('/tmp/not-in-a-bpf-file-system'));
  expectRefusal(() => link.update(loaded.program('on_raw_tracepoint_too')));
  expectRefusal(() => link.detach());
});

it("a raw tracepoint's program attaches two programs to one tracepoint", () => {
  using loaded = hooks('on_raw_tracepoint', 'on_raw_tracepoint_too');
  using _first = attachRawTracepoint(loaded.program('on_raw_tracepoint'), 'sys_enter');
  using _second = attachRawTracepoint(loaded.program('on_raw_tracepoint_too'), 'sys_enter');
  read(1);
  expect(hits(loaded)).toBeGreaterThan(0);
  expect(loaded.variable('cookie').get()).toBe(1n);
});

it('attachRawTracepoint refuses a program that is of another type, or does not come from an object', () => {
  using loaded = hooks('on_perf_event', 'on_raw_tracepoint');
  expectRefusal(() => attachRawTracepoint(loaded.program('on_perf_event'), 'sys_enter'));
  using strange = Program.fromId(loaded.program('on_raw_tracepoint').info().id);
  // Such a program has no type that attaching accepts; a caller without types must not crash either.
  expectRefusal(() => attachRawTracepoint(strange as never, 'sys_enter'));
});

it('attachRawTracepoint refuses what is no program, however it is called', () => {
  using loaded = hooks('on_raw_tracepoint');
  for (const other of [loaded, loaded.map('sockets'), loaded.btf, {}]) {
    expectRefusal(() => attachRawTracepoint(other as never, 'sys_enter'), ['ERR_SLUICE_OPTION']);
  }
  using link = attachRawTracepoint(loaded.program('on_raw_tracepoint'), 'sys_enter');
  const { message } = expectRefusal(() => link.update(loaded.map('sockets') as never), ['ERR_SLUICE_OPTION']);
  expect(message).toContain('The program is a Program, not ');
});
