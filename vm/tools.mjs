// SPDX-License-Identifier: Apache-2.0
// The host programs a boot needs, installed from Debian's archive where they are missing.

import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { recentEmulator } from './emulator.mjs';
import { Fault } from './fault.mjs';

const EMULATOR = 'qemu-system-x86_64';

/** Program → Debian package. */
const PACKAGES = new Map([
  [EMULATOR, 'qemu-system-x86'],
  ['virtiofsd', 'qemu-system-common'],
  ['busybox', 'busybox-static'],
  ['modprobe', 'kmod'],
  ['depmod', 'kmod'],
  ['mkfs.ext4', 'e2fsprogs'],
  ['mkfs.xfs', 'xfsprogs'],
  ['setpriv', 'util-linux'],
  ['dpkg-deb', 'dpkg'],
]);

/** virtiofsd is a helper that distributions keep out of PATH; the others live in sbin, which users often lack. */
const EXTRA_FOLDERS = ['/usr/sbin', '/sbin', '/usr/lib/qemu', '/usr/libexec'];

/**
 * @param {string} name
 * @returns {string | undefined} absolute path
 */
export function findTool(name, path = process.env.PATH ?? '', extra = EXTRA_FOLDERS) {
  return [...path.split(delimiter), ...extra].map((folder) => join(folder, name)).find(isExecutable);
}

/**
 * Finds every program, installing what is missing when this is root on a Debian.
 * @param {(name: string) => string | undefined} [find]
 * @param {(packages: string[]) => boolean} [install] true when it installed them
 * @param {(installed: string) => string} [emulator] the QEMU to run, given the one that is installed
 * @returns {(name: string) => string} name → absolute path
 * @throws {Fault} naming the missing programs and the command that installs them
 */
export function requireTools(find = findTool, install = aptInstall, emulator = recentEmulator) {
  const missing = () => [...PACKAGES.keys()].filter((name) => !find(name));
  let absent = missing();
  if (absent.length > 0 && install(packagesOf(absent))) absent = missing();
  if (absent.length > 0) {
    throw new Fault(
      `Not found: ${absent.join(', ')}. A virtual machine cannot be started without. ` +
        `Install with: apt-get install ${packagesOf(absent).join(' ')}`,
    );
  }
  const qemu = emulator(find(EMULATOR));
  return (name) => (name === EMULATOR ? qemu : find(name));
}

function packagesOf(names) {
  return [...new Set(names.map((name) => PACKAGES.get(name)))];
}

function aptInstall(packages) {
  if (process.getuid() !== 0 || !findTool('apt-get')) return false;
  process.stderr.write(`installing ${packages.join(' ')}\n`);
  const args = ['install', '-y', '--no-install-recommends', ...packages];
  return (
    spawnSync('apt-get', args, {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      stdio: ['ignore', 'ignore', 'inherit'],
    }).status === 0
  );
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
