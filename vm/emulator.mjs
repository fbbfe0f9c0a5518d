// SPDX-License-Identifier: Apache-2.0
// QEMU in a version whose two emulated CPUs see each other's changes to code.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { debianSource, fetchOnce } from './archive.mjs';
import { Fault } from './fault.mjs';

/**
 * Up to 8.0 a CPU that translated a page of code while the other one wrote to it could keep the old bytes for good. A
 * kernel that hooks one of its functions writes a breakpoint there first: a machine with 7.2 panicked now and then on
 * one that had been taken away long before ("Oops: int3"), or hung.
 */
const OLDEST = [8, 1];

const HOME = fileURLToPath(new URL('../.deps/qemu', import.meta.url));

/**
 * The installed QEMU, or one from the backports of this release of Debian, fetched once. That one needs the installed
 * one's libraries.
 * @param {string} installed absolute path
 * @param {string} [home] where to keep it
 * @param {(() => string) | null} [sources] gives deb822 text of the archive to search; null where there is none
 * @returns {string} absolute path
 * @throws {Fault} where none can be had
 */
export function recentEmulator(installed, home = HOME, sources = backports()) {
  const version = versionOf(installed);
  if (isRecent(version)) return installed;
  if (sources === null) {
    throw new Fault(
      `${installed} is QEMU ${version}, and emulated kernels hang with it now and then. Install ${OLDEST.join('.')} or newer.`,
    );
  }
  fetchOnce(home, sources, (archive, root) => {
    for (const name of ['qemu-system-x86', 'qemu-system-data', 'seabios'])
      archive.unpack(archive.download(name), root);
  });
  const fetched = join(home, 'usr/bin/qemu-system-x86_64');
  const now = versionOf(fetched);
  if (!isRecent(now)) {
    throw new Fault(
      `The newest QEMU for this machine is ${now}, and emulated kernels hang with it now and then. Install ${OLDEST.join('.')} or newer.`,
    );
  }
  return fetched;
}

function versionOf(program) {
  const { stdout, stderr, error } = spawnSync(program, ['--version'], { encoding: 'utf8' });
  const found = /version (\d+\.\d+)/.exec(stdout ?? '');
  if (found) return found[1];
  throw new Fault(`${program} does not say its version: ${(error?.message ?? stderr).trim()}`);
}

function isRecent(version) {
  const [major, minor] = version.split('.').map(Number);
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
}

/** null where this is no Debian. */
function backports() {
  const release = readFileSync('/etc/os-release', 'utf8');
  const codename = /^VERSION_CODENAME=(\w+)$/m.exec(release)?.[1];
  if (!/^ID=debian$/m.test(release) || codename === undefined) return null;
  return () => debianSource('Debian', `${codename}-backports`);
}
