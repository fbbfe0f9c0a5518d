// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { recentEmulator } from '../emulator.mjs';

const scratch = mkdtempSync(join(tmpdir(), 'emulator-test-'));
after(() => rmSync(scratch, { recursive: true }));

const says = (version) => `#!/bin/sh\necho 'QEMU emulator version ${version} (Debian)'\n`;
const installed = join(scratch, 'installed');

/** An archive with the three packages, and a QEMU of that version in one of them. */
function archiveWith(version) {
  const folder = mkdtempSync(join(scratch, 'archive-'));
  const packages = ['qemu-system-x86', 'qemu-system-data', 'seabios'].map((name) => {
    const tree = join(folder, name);
    const control = `Package: ${name}\nVersion: ${version}\nArchitecture: amd64\nMaintainer: nobody\nDescription: a part\n`;
    for (const sub of ['DEBIAN', 'usr/bin']) mkdirSync(join(tree, sub), { recursive: true });
    writeFileSync(join(tree, 'DEBIAN/control'), control);
    if (name === 'qemu-system-x86')
      writeFileSync(join(tree, 'usr/bin/qemu-system-x86_64'), says(version), { mode: 0o755 });
    const deb = join(folder, `${name}.deb`);
    assert.equal(spawnSync('dpkg-deb', ['--root-owner-group', '-b', tree, deb]).status, 0);
    const bytes = readFileSync(deb);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    return `${control}Filename: ./${name}.deb\nSize: ${bytes.length}\nSHA256: ${sha256}\n`;
  });
  writeFileSync(join(folder, 'Packages'), packages.join('\n'));
  return `Types: deb\nURIs: copy:${folder}\nSuites: ./\nTrusted: yes\n`;
}

for (const version of ['8.1.0', '10.0.2']) {
  test(`an installed QEMU ${version} is taken`, () => {
    writeFileSync(installed, says(version), { mode: 0o755 });
    assert.equal(recentEmulator(installed, join(scratch, 'unused'), null), installed);
  });
}

test('beside an older one a newer one is fetched, once', () => {
  writeFileSync(installed, says('7.2.22'), { mode: 0o755 });
  const home = join(scratch, 'newer/qemu');
  const fetched = join(home, 'usr/bin/qemu-system-x86_64');
  assert.equal(
    recentEmulator(installed, home, () => archiveWith('10.0.2')),
    fetched,
  );
  assert.equal(
    recentEmulator(installed, home, () => 'no archive'),
    fetched,
  );
  assert.deepEqual(readdirSync(join(scratch, 'newer')), ['qemu']);
});

test('where there is none, it says so and what to install', () => {
  writeFileSync(installed, says('8.0.4'), { mode: 0o755 });
  const none = /is QEMU 8\.0, and emulated kernels hang.*Install 8\.1 or newer/;
  assert.throws(() => recentEmulator(installed, join(scratch, 'none'), null), {
    name: 'Fault',
    message: none,
  });
  assert.throws(() => recentEmulator(installed, join(scratch, 'old'), () => archiveWith('7.2')), {
    name: 'Fault',
    message: /newest QEMU for this machine is 7\.2.*Install 8\.1/,
  });
});

test('a program that is no QEMU is named', () => {
  writeFileSync(installed, '#!/bin/sh\necho oops >&2\nexit 1\n', { mode: 0o755 });
  assert.throws(() => recentEmulator(installed), {
    name: 'Fault',
    message: /installed does not say its version: oops/,
  });
});
