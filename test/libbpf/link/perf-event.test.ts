/** Perf events. */

import { expect, it } from 'vitest';
import { attachPerfEvent, hasHelper, softwareEvents } from '../../../lib/libbpf/index.js';
import { expectRefusal, refused } from '../support.js';
import { exerciseHook, hits, hooks } from './hooks.js';

/**
 * Sleeps, which takes the thread off its CPU. (Page faults would be as many as huge pages make of them.) On a slow machine
 * a wait can be over before it sleeps, so there are three for each event that is wanted.
 */
function yieldCpu(times: number): void {
  const never = new Int32Array(new SharedArrayBuffer(4));
  for (let i = 0; i < 3 * times; i++) Atomics.wait(never, 0, 0, 1);
}

it('a program of a perf event runs at every n-th event of this process', () => {
  exerciseHook(
    true,
    'on_perf_event',
    (loaded) =>
      attachPerfEvent(loaded.program('on_perf_event'), { event: softwareEvents.contextSwitches, period: 1n }),
    yieldCpu,
  );
});

it('a program of a perf event hands its cookie to the program (5.15)', () => {
  const run = () => {
    using loaded = hooks('with_cookie');
    using _link = attachPerfEvent(loaded.program('with_cookie'), {
      event: softwareEvents.contextSwitches,
      period: 1n,
      cookie: 77n,
    });
    yieldCpu(10);
    expect(hits(loaded)).toBeGreaterThan(0);
    expect(loaded.variable('cookie').get()).toBe(77n);
  };
  if (hasHelper('perf_event', 'bpf_get_attach_cookie')) run();
  else expectRefusal(run, ['ERR_SLUICE_BPF', 'ERR_SLUICE_VERIFIER']);
});

it('attachPerfEvent wants either a period or a frequency, and an event that there is', () => {
  using loaded = hooks('on_perf_event');
  const program = loaded.program('on_perf_event');
  expect(refused(() => attachPerfEvent(program, {})).code).toBe('ERR_SLUICE_OPTION');
  expect(refused(() => attachPerfEvent(program, { period: 1n, frequency: 1n })).code).toBe(
    'ERR_SLUICE_OPTION',
  );
  expectRefusal(() => attachPerfEvent(program, { type: 12345, period: 1n }));
});
