// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findTool, requireTools } from '../tools.mjs';

const allBut = (name) => (asked) => (asked === name ? undefined : `/bin/${asked}`);

for (const [program, pkg] of [
  ['qemu-system-x86_64', 'qemu-system-x86'],
  ['virtiofsd', 'qemu-system-common'],
]) {
  test(`without ${program} the message names the package`, () => {
    assert.throws(() => requireTools(allBut(program), () => false), {
      name: 'Fault',
      message: new RegExp(`Not found: ${program}\\..*apt-get install ${pkg}$`),
    });
  });
}

test('an installation that does not bring the program is noticed', () => {
  assert.throws(() => requireTools(allBut('virtiofsd'), () => true), /Not found: virtiofsd/);
});

test('what is missing is installed, and no more', () => {
  const asked = [];
  let find = allBut('qemu-system-x86_64');
  const tool = requireTools(
    (name) => find(name),
    (packages) => {
      asked.push(...packages);
      find = (name) => `/bin/${name}`;
      return true;
    },
    (installed) => `${installed}, recent`,
  );
  assert.deepEqual(asked, ['qemu-system-x86']);
  assert.equal(tool('qemu-system-x86_64'), '/bin/qemu-system-x86_64, recent');
  assert.equal(tool('virtiofsd'), '/bin/virtiofsd');
});

test('a program is found in PATH before the folders outside of it', () => {
  assert.equal(findTool('sh', '/bin', ['/usr/bin']), '/bin/sh');
  assert.equal(findTool('sh', '/nowhere', ['/usr/bin']), '/usr/bin/sh');
  assert.equal(findTool('sh', '/nowhere', []), undefined);
});
