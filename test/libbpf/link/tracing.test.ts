/** fentry and fexit. */

import { expect, it } from 'vitest';
import { attachTracing, hasProgramType, openObject } from '../../../lib/libbpf/index.js';
import { refused, testObject } from '../support.js';
import { exerciseHook, hits, read } from './hooks.js';

const supported = hasProgramType('tracing');

it('a tracing program runs at the entry of the function in its section', () => {
  exerciseHook(supported, 'on_fentry', (loaded) => attachTracing(loaded.program('on_fentry')));
});

it('a tracing program runs at the return', () => {
  exerciseHook(supported, 'on_fexit', (loaded) => attachTracing(loaded.program('on_fexit')));
});

it('a tracing program runs at the entry of the function that was set before the load', () => {
  const opened = openObject(testObject('hooks'));
  for (const name of opened.programNames) opened.program(name).autoload = name === 'on_fentry_by_name';
  opened.variable('process').set(process.pid);
  opened.program('on_fentry_by_name').setTarget('vfs_read');
  if (!supported) {
    expect(refused(() => opened.load()).code).toBe('ERR_SLUICE_BPF');
    return;
  }
  using loaded = opened.load();
  using _link = attachTracing(loaded.program('on_fentry_by_name'));
  read(10);
  expect(hits(loaded)).toBeGreaterThanOrEqual(10);
});

it('setTarget refuses a target that the kernel does not have', () => {
  using opened = openObject(testObject('hooks'));
  expect(refused(() => opened.program('on_fentry_by_name').setTarget('no_such_function')).code).toBe(
    'ERR_SLUICE_BPF',
  );
});
