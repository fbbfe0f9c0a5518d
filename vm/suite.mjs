// SPDX-License-Identifier: Apache-2.0
// Runs inside a machine: asks probe() what the kernel offers, then runs the kernel test suites. Both go to the
// host as reports; the exit status is the suites'.

import { spawnSync } from 'node:child_process';
import { appendFileSync, cpSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { suitesOf, VITEST } from './matrix.mjs';

const RESULTS = '/tmp/kernel-tests.json';
const path = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url));

function report(event, value) {
  appendFileSync(process.env.SLUICE_VM_REPORT, `${JSON.stringify({ event, value })}\n`);
}

const probe = spawnSync(process.execPath, [path('dist/cli/main.js'), 'probe', '--json'], {
  encoding: 'utf8',
  stdio: ['ignore', 'pipe', 'inherit'],
});
if (probe.status === 0) report('probe', JSON.parse(probe.stdout));
else console.error(`sluice probe failed with status ${probe.status}`);

cpSync(path('build/vitest-kernel'), '/tmp/vitest-kernel', { recursive: true });
const only = suitesOf(process.env.SLUICE_KERNEL ?? '');

const tests = spawnSync(
  process.execPath,
  [
    ...[...VITEST, 'run', ...only],
    // A line for each test, not for each file: the watchdog waits longer than any test may take.
    ...['--reporter=verbose', '--reporter=json', `--outputFile.json=${RESULTS}`],
  ],
  { stdio: 'inherit' },
);
if (tests.status === 0) {
  const { numPassedTests: passed, numPendingTests: skipped } = JSON.parse(readFileSync(RESULTS, 'utf8'));
  report('tests', { passed, skipped });
}
process.exitCode = probe.status || tests.status;
