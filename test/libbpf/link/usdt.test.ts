/** USDT. */

import { join } from 'node:path';
import { it } from 'vitest';
import { attachUsdt, hasHelper } from '../../../lib/libbpf/index.js';
import { packageRoot } from '../../../lib/native/index.js';
import { expectRefusal } from '../support.js';
import { exerciseHook, hasPerfProbe, hooks } from './hooks.js';

const library = join(packageRoot, 'build/test-bpf/usdt_probe.so');

/** Loads the library, which passes its probe; Node then refuses it, as it is no addon, and unloads it. */
function pass(times: number): void {
  for (let i = 0; i < times; i++) {
    try {
      process.dlopen({ exports: {} }, library);
    } catch {}
  }
}

// Without cookies (before 5.15) the library must be in the process when the probe is attached to.
const supported = hasPerfProbe('uprobe') && hasHelper('kprobe', 'bpf_get_attach_cookie');

it('a USDT program runs at the probe, and reads its argument', () => {
  exerciseHook(
    supported,
    'on_usdt',
    (loaded) =>
      attachUsdt(loaded.program('on_usdt'), library, {
        provider: 'sluice',
        name: 'loaded',
        pid: process.pid,
      }),
    pass,
  );
});

it('attachUsdt refuses a probe that the file does not have', () => {
  using loaded = hooks('on_usdt');
  const probe = { provider: 'sluice', name: 'no_such_probe', pid: process.pid };
  expectRefusal(() => attachUsdt(loaded.program('on_usdt'), library, probe));
});
