// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { MATRIX } from '../matrix.mjs';
import { againIfSilent, inOneLine, suiteCommand } from '../suites.mjs';
import { Watchdog } from '../watchdog.mjs';

/** What a watchdog says of a machine that did not do in time what the deadline named is for. */
function bark(deadline) {
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    const reasons = [];
    const dog = new Watchdog({ boot: 90, silence: 120, limit: 600, [deadline]: 1 }, (reason) =>
      reasons.push(reason),
    );
    mock.timers.tick(1000);
    dog.stop();
    assert.equal(reasons.length, 1);
    return reasons[0];
  } finally {
    mock.timers.reset();
  }
}

/** Runs whose verdicts are these problems in turn: how many were made, and the verdict that counts. */
async function runs(...problems) {
  let made = 0;
  const verdict = await againIfSilent(async () => ({ problems: problems[made++] }));
  return [made, verdict.problems];
}

test('a machine that fell silent is booted once more, and the second verdict counts', async () => {
  const silence = [bark('silence'), 'sluice probe gave no report'];
  assert.deepEqual(await runs(silence, []), [2, []]);
  assert.deepEqual(await runs(silence, ['exit status 1']), [2, ['exit status 1']]);
  assert.deepEqual(await runs(silence, silence, []), [2, silence]);
});

test('the line of such a cell says that it took a second boot', async () => {
  const verdict = {
    cell: '6.12',
    lastLines: '',
    probe: undefined,
    tests: { passed: 7, skipped: 1 },
    seconds: 21,
  };
  const line = async (...problems) => {
    let made = 0;
    return inOneLine(await againIfSilent(async () => ({ ...verdict, problems: problems[made++] })));
  };
  const silence = [bark('silence')];
  assert.match(await line([]), /^ok {3}6\.12 .* 7 passed, 1 skipped, 21 s$/);
  assert.match(await line(silence, []), /^ok {3}6\.12 .*, 21 s, on the second boot: the first fell silent$/);
  assert.match(await line(silence, silence), /^FAIL 6\.12 .*, on the second boot: the first fell silent$/);
});

test('one that passed, failed, panicked, or did not come up is not', async () => {
  assert.deepEqual(await runs([], ['never made']), [1, []]);
  for (const problem of ['exit status 1', 'Kernel panic - not syncing: x', bark('boot'), bark('limit')]) {
    assert.deepEqual(await runs([problem], []), [1, [problem]]);
  }
});

test('a machine is told whether its kernel must serve where the table says so, and nowhere else', () => {
  const told = (cell) => /SLUICE_BPF=(\S*)/.exec(suiteCommand(cell))?.[1];
  for (const cell of MATRIX) {
    const refused = cell === '5.10' || /lockdown|no-btf|unprivileged/.test(cell);
    assert.equal(told(cell), refused ? 'refused' : 'served', cell);
  }
  for (const cell of ['6.1+lockdown', '6.12+preempt+lockdown', './bzImage'])
    assert.equal(told(cell), undefined, cell);
});
