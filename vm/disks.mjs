// SPDX-License-Identifier: Apache-2.0
// The test disks: sparse image files with the file systems the suites need, one NVMe namespace each.

import { spawnSync } from 'node:child_process';
import { closeSync, ftruncateSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { Fault } from './fault.mjs';

/** mkfs.xfs refuses less than 300 MB. */
const SIZE_BYTES = 512 * 1024 * 1024;

/** Index + 1 is the NVMe namespace, which is how init.sh tells them apart. */
const DISKS = [
  { name: 'ext4', mkfs: 'mkfs.ext4', args: ['-q', '-F'] },
  { name: 'ext4-1k', mkfs: 'mkfs.ext4', args: ['-q', '-F', '-b', '1024'] },
  { name: 'xfs', mkfs: 'mkfs.xfs', args: ['-q'] },
];

/**
 * @param {string} folder where the image files go
 * @param {(name: string) => string} tool
 * @returns {string[]} paths, in namespace order
 */
export function makeDisks(folder, tool) {
  return DISKS.map(({ name, mkfs, args }) => {
    const path = join(folder, `${name}.img`);
    const file = openSync(path, 'wx', 0o600);
    ftruncateSync(file, SIZE_BYTES);
    closeSync(file);
    const { status, stderr } = spawnSync(tool(mkfs), [...args, path], { encoding: 'utf8' });
    if (status !== 0) throw new Fault(`${mkfs} failed: ${stderr.trim()}`);
    return path;
  });
}
