// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { parseCell } from '../matrix.mjs';
import { advised, splatIn, Watchdog } from '../watchdog.mjs';

const SPLATS = [
  '[    2.1] Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)',
  '[    9.0] BUG: kernel NULL pointer dereference, address: 0000000000000008',
  '[    9.0] WARNING: CPU: 0 PID: 1 at kernel/bpf/verifier.c:2731 reg_bounds_sanity_check+0x1d8/0x240',
  '[    9.0] WARNING: possible circular locking dependency detected',
  '[    9.0] WARNING: suspicious RCU usage',
  '[   64.0] watchdog: BUG: soft lockup - CPU#1 stuck for 26s! [node:312]',
  '[  200.0] INFO: task node:312 blocked for more than 120 seconds.',
  '[   60.0] rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:',
  '[    9.0] general protection fault, probably for non-canonical address 0xdead: 0000 [#1] SMP',
  '[    9.0] Oops: Oops: 0000 [#1] PREEMPT SMP NOPTI',
];

for (const line of SPLATS) {
  test(`a splat: ${line.slice(12, 60)}`, () => assert.ok(line.includes(splatIn(line))));
}

test('ordinary lines are no splats', () => {
  for (const line of [
    '[    0.1] RCU CPU stall warnings timeout set to 60 (rcu_cpu_stall_timeout).',
    '[    1.8] PCI: Using host bridge windows from ACPI; if necessary, use "pci=nocrs" and report a bug',
    '[    1.8] blktrace: Warning: could not register the block tracer',
    '[    0.2] RETBleed: WARNING: Spectre v2 mitigation leaves CPU vulnerable to RETBleed attacks, data leaks possible!',
    '[    1.0] systemd[1]: Detected virtualization qemu.',
  ]) {
    assert.equal(splatIn(line), undefined, line);
  }
});

test('a kernel that cannot mount its root is told what it lacks', () => {
  assert.match(advised(splatIn(SPLATS[0])), /CONFIG_VIRTIO_FS=y.*CONFIG_BLK_DEV_INITRD=y/);
});

test('the watchdog barks once, for the first deadline that passes', () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    const barks = [];
    const dog = new Watchdog({ boot: 10, silence: 4, limit: 20 }, (reason) => barks.push(reason));
    for (let i = 0; i < 3; i++) {
      mock.timers.tick(3000);
      dog.alive();
    }
    assert.deepEqual(barks, []);
    mock.timers.tick(1000);
    assert.deepEqual(barks, ['the machine was not up within 10 s']);
    mock.timers.tick(60_000);
    assert.equal(barks.length, 1);

    const quiet = new Watchdog({ boot: 10, silence: 4, limit: 20 }, (reason) => barks.push(reason));
    quiet.ready();
    mock.timers.tick(4000);
    assert.equal(barks[1], 'the machine said nothing for 4 s');

    const endless = new Watchdog({ boot: 10, silence: 4, limit: 20 }, (reason) => barks.push(reason));
    endless.ready();
    for (let i = 0; i < 10; i++) {
      mock.timers.tick(2000);
      endless.alive();
    }
    assert.equal(barks[2], 'the run was not over within 20 s');
  } finally {
    mock.timers.reset();
  }
});

test('a cell names a kernel and parameter sets', () => {
  assert.deepEqual(parseCell('6.12'), { kernel: '6.12', append: '', prepare: [], launchers: [] });
  assert.equal(parseCell('6.12+preempt+lockdown').append, 'preempt=full lockdown=confidentiality');
  assert.equal(parseCell('6.12+no-btf').prepare.length, 1);
  assert.equal(parseCell('build/bzImage-6.12.1+').kernel, 'build/bzImage-6.12.1+');
  assert.throws(() => parseCell('6.12+turbo'), /Unknown parameter set 'turbo'.*preempt/);
});
