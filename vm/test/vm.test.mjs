// SPDX-License-Identifier: Apache-2.0
// What `npm run vm` says of options it cannot take, before anything is started.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { LONGEST } from '../watchdog.mjs';

const VM = fileURLToPath(new URL('../vm.mjs', import.meta.url));

/** There is no such kernel, so nothing boots whatever the options. */
function said(...options) {
  const { status, stderr } = spawnSync(process.execPath, [VM, ...options, 'no-such-kernel', 'true'], {
    encoding: 'utf8',
  });
  assert.equal(status, 125, stderr);
  return stderr;
}

for (const option of ['--boot', '--silence', '--limit']) {
  test(`${option} takes what a timer can hold, and says so of more`, () => {
    assert.match(said(option, String(LONGEST)), /^Unknown kernel/);
    for (const seconds of [String(LONGEST + 1), '3000000', 'Infinity'])
      assert.match(
        said(option, seconds),
        new RegExp(`^${option} takes at most 2147483 seconds .*'${seconds}'`),
      );
  });

  test(`${option} takes no time that is none`, () => {
    for (const seconds of ['0', 'soon', ''])
      assert.match(
        said(option, seconds),
        new RegExp(`^${option} wants a number of seconds, not '${seconds}'`),
      );
  });
}
