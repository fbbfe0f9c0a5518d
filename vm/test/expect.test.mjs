// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { differences, EXPECTED } from '../expect.mjs';
import { kernelTable } from '../kernel-table.mjs';
import { MATRIX } from '../matrix.mjs';

/** The report of a kernel that says exactly what the table wants of it. */
function reportFor(cell) {
  const report = {
    kernel: {},
    capabilities: {},
    backends: {},
    taps: { observe: { ways: [] } },
    programTypes: {},
    hooks: [],
  };
  for (const [path, wanted] of Object.entries(EXPECTED.get(cell))) {
    const [group, ...rest] = path.split('.');
    const key = rest[0];
    const finding = {
      available: wanted === true,
      reason: wanted instanceof RegExp ? wanted.source.replaceAll('\\', '') : '',
    };
    if (group === 'hooks') {
      const [kind, name] = key.split(' ');
      report.hooks.push({ kind, name, ...finding });
    } else if (group === 'observe') {
      const [fileSystem, hooks] = key.split(' ');
      report.taps.observe.ways.push({ fileSystem, hooks, ...finding });
    } else if (group === 'kernel')
      report.kernel[key] = wanted instanceof RegExp ? wanted.source.replace(/[\\^[\]]|-9/g, '') : wanted;
    else if (group === 'capabilities') report.capabilities[key] = wanted;
    else if (key === undefined) report[group] = typeof wanted === 'boolean' ? finding : wanted;
    else if (rest[1] === undefined) report[group][key] = { ...report[group][key], ...finding };
  }
  return report;
}

test('the table has an answer for every cell of the matrix, and no other', () => {
  assert.deepEqual([...EXPECTED.keys()].sort(), [...MATRIX].sort());
});

for (const cell of MATRIX) {
  test(`${cell}: a report that fits has no differences`, () => {
    assert.deepEqual(differences(EXPECTED.get(cell), reportFor(cell)), []);
  });
}

test('a kernel that lacks what it should have fails, and so does one that has more', () => {
  const lacking = reportFor('6.12');
  lacking.programTypes.syscall = { available: false, reason: 'this kernel has none (EINVAL)' };
  assert.deepEqual(differences(EXPECTED.get('6.12'), lacking), [
    'programTypes.syscall: expected true, found {"available":false,"reason":"this kernel has none (EINVAL)"}',
  ]);
  const having = reportFor('5.10');
  having.programTypes.syscall = { available: true, reason: 'loads' };
  assert.equal(differences(EXPECTED.get('5.10'), having).length, 1);
});

test('a refusal for the wrong reason fails', () => {
  const report = reportFor('6.12+lockdown');
  report.backends.bpf = { available: false, reason: 'the kernel answered EPERM' };
  assert.equal(differences(EXPECTED.get('6.12+lockdown'), report).length, 1);
});

test('what the report does not mention fails', () => {
  const report = reportFor('6.12');
  report.hooks.pop();
  report.btf = undefined;
  assert.equal(differences(EXPECTED.get('6.12'), report).length, 2);
});

test('the table of kernels shows what was reported', () => {
  const verdicts = ['6.12', '5.10'].map((cell) => ({
    cell,
    probe: reportFor(cell),
    tests: { passed: 7, skipped: 0 },
  }));
  const table = kernelTable(verdicts);
  assert.match(table, /^\| {2}\| 6\.12 \| 5\.10 \|$/m);
  assert.match(table, /^\| Programs `syscall` \| yes \| no \|$/m);
  assert.match(table, /^\| Observed on ext4 by \| raw_tp, fentry, kprobe \| no \|$/m);
  assert.match(table, /^\| Observed on xfs by \| fentry, kprobe \| no \|$/m);
  assert.match(table, /^\| fentry `filemap_read` \| yes \| no \|$/m);
  assert.match(table, /^- \*\*5\.10\*\*: SYSCALL\.$/m);
});
