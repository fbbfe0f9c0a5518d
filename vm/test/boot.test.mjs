// SPDX-License-Identifier: Apache-2.0
// Real boots: what goes right, and every way in which a machine can go wrong.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { boot } from '../boot.mjs';
import { runCell } from '../cell.mjs';
import { resolveKernel } from '../kernels.mjs';
import { requireTools } from '../tools.mjs';
import { leavesNothing, processesNaming } from './traces.mjs';

const CACHE = fileURLToPath(new URL('../../.deps/kernels', import.meta.url));
const VM = fileURLToPath(new URL('../vm.mjs', import.meta.url));
const tool = requireTools();

async function run(command, options = {}) {
  let output = '';
  const outcome = await runCell('6.12', command, { ...options, onOutput: (bytes) => (output += bytes) });
  return { ...outcome, output };
}

test('output, exit status, reports, disks and environment come through', async () => {
  await leavesNothing(async () => {
    const { output, status, faults, reports } = await run(
      [
        'for dir in $SLUICE_DISK_EXT4 $SLUICE_DISK_EXT4_1K $SLUICE_DISK_XFS $SLUICE_OVERLAY $SLUICE_TMPFS; do',
        '  echo "$(stat -f -c "%T %S" $dir)"; echo probe > $dir/file || exit 9; done',
        'touch package.json 2>/dev/null && echo writable',
        'echo on-stderr >&2; printf "no newline\\nraw \\377 end"',
        'echo \'{"event":"probe","value":1}\' > $SLUICE_VM_REPORT',
        'exit 42',
      ].join('\n'),
    );
    assert.deepEqual(faults, []);
    assert.equal(status, 42);
    assert.equal(
      output,
      'ext2/ext3 4096\next2/ext3 1024\nxfs 4096\noverlayfs 4096\ntmpfs 4096\non-stderr\nno newline\nraw \ufffd end',
    );
    assert.deepEqual(reports, [{ event: 'probe', value: 1 }]);
  });
});

test('a kernel that panics is reported with its reason, and a half-written report too', async () => {
  await leavesNothing(async () => {
    const { status, faults, lastLines } = await run(
      'echo "{half" > $SLUICE_VM_REPORT; echo c > /proc/sysrq-trigger; sleep 60',
    );
    assert.equal(status, undefined);
    assert.match(faults.join('\n'), /Kernel panic - not syncing: sysrq triggered crash/);
    assert.match(lastLines, /Call Trace/);
    assert.ok(faults.includes('a report is not JSON: {half'), faults.join('\n'));
  });
});

test('a machine that hangs is ended by the watchdog', async () => {
  await leavesNothing(async () => {
    const { status, faults, seconds } = await run('echo started; sleep 600', { patience: { silence: 15 } });
    assert.equal(status, undefined);
    assert.deepEqual(faults, ['the machine said nothing for 15 s']);
    assert.ok(seconds < 120);
  });
});

test('a kernel that does not come up is ended by the watchdog', async () => {
  await leavesNothing(async () => {
    const { faults } = await run('true', { patience: { boot: 1 } });
    assert.deepEqual(faults, ['the machine was not up within 1 s']);
  });
});

test('a kernel that cannot reach its root says what it lacks', async () => {
  const { image } = await resolveKernel('6.1', CACHE);
  await leavesNothing(async () => {
    const outcome = await runCell(image, 'true');
    assert.equal(outcome.status, undefined);
    assert.match(
      outcome.faults.join('\n'),
      /Unable to mount root fs.*CONFIG_VIRTIO_FS=y.*CONFIG_BLK_DEV_INITRD=y/,
    );
  });
});

test('a file that is no kernel is refused', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'no-kernel-'));
  const image = join(folder, 'bzImage');
  writeFileSync(image, 'not a kernel, but long enough to be read as a header '.repeat(200));
  try {
    await leavesNothing(() =>
      assert.rejects(runCell(image, 'true'), { name: 'Fault', message: /QEMU did not start kernel bzImage/ }),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('of an image that is cut short it is said that it may be', async () => {
  const kernel = await resolveKernel('6.12', CACHE);
  const whole = readFileSync(kernel.image);
  await leavesNothing(async (folder) => {
    const image = join(folder, 'bzImage');
    writeFileSync(image, whole.subarray(0, whole.length / 2));
    const refused = (run, message) => assert.rejects(run, { name: 'Fault', message });
    await refused(runCell(image, 'true'), /bzImage may be damaged or cut short: build it again/);
    const fetched = { ...kernel, image };
    await refused(
      boot({ kernel: fetched, command: 'true', tool }),
      /cut short: remove \S+ to have it fetched/,
    );
    rmSync(image);
  });
});

test('a virtiofsd that does not start is reported', async () => {
  const kernel = await resolveKernel('6.12', CACHE);
  await leavesNothing(() =>
    assert.rejects(
      boot({ kernel, command: 'true', tool: (name) => (name === 'virtiofsd' ? '/bin/false' : tool(name)) }),
      {
        name: 'Fault',
        message: /virtiofsd did not start/,
      },
    ),
  );
});

test('a user who is not root is told to be', async () => {
  const nobody = 65534;
  const refusing = () => '/bin/false';
  await leavesNothing(async (folder) => {
    chownSync(folder, nobody, nobody);
    process.seteuid(nobody);
    try {
      await assert.rejects(boot({ kernel: { name: 'none' }, command: 'true', tool: refusing }), {
        name: 'Fault',
        message: /virtiofsd did not start.*\n.*as root/,
      });
    } finally {
      process.seteuid(0);
    }
  });
});

/** Starts a run and resolves once its machine exists; it has not booted by then. */
async function startMachine(folder) {
  const child = spawn(process.execPath, [VM, '6.12', 'echo up; sleep 600'], {
    env: { ...process.env, TMPDIR: folder },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await until(() => processesNaming(folder).some((line) => line.includes('qemu-system')));
  return child;
}

/** For what the kernel does by itself and announces to nobody. */
async function until(condition) {
  for (let tries = 0; tries < 600 && !condition(); tries++) await sleep(50);
  assert.ok(condition());
}

test('SIGTERM ends a run in order', async () => {
  await leavesNothing(async (folder) => {
    const child = await startMachine(folder);
    await once(child.stdout, 'data');
    child.kill('SIGTERM');
    assert.deepEqual(await once(child, 'exit'), [143, null]);
  });
});

test('SIGINT ends a run in order while the machine boots', async () => {
  await leavesNothing(async (folder) => {
    const child = await startMachine(folder);
    child.kill('SIGINT');
    assert.deepEqual(await once(child, 'exit'), [130, null]);
  });
});

test('a killed run takes its processes along', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'killed-'));
  try {
    const child = await startMachine(folder);
    child.kill('SIGKILL');
    await once(child, 'exit');
    await until(() => processesNaming(folder).length === 0);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
