// SPDX-License-Identifier: Apache-2.0
// Runs one cell of the matrix: resolves its kernel and hands the command over with its environment.

import { fileURLToPath } from 'node:url';
import { boot } from './boot.mjs';
import { resolveKernel } from './kernels.mjs';
import { parseCell } from './matrix.mjs';
import { requireTools } from './tools.mjs';

/** Keeps the kernels that were fetched. */
export const CACHE = fileURLToPath(new URL('../.deps/kernels', import.meta.url));

/**
 * @param {string} cell `6.12+preempt`, or the path of a bzImage
 * @param {string} command for sh, in the working tree
 * @param {Partial<import('./boot.mjs').Job>} [options]
 * @returns {Promise<import('./boot.mjs').Outcome & { release: string | undefined }>}
 */
export async function runCell(cell, command, options = {}) {
  const { kernel: name, append, prepare, launchers } = parseCell(cell);
  const tool = requireTools();
  const kernel = await resolveKernel(name, CACHE);
  const environment = {
    // The output goes through a serial line that looks like a terminal, into a log.
    CI: '1',
    NO_COLOR: '1',
    SLUICE_VM: '1',
    SLUICE_VM_REPORT: '/dev/ttyS2',
    SLUICE_KERNEL: cell,
    SLUICE_DISK_EXT4: '/mnt/ext4',
    SLUICE_DISK_EXT4_1K: '/mnt/ext4-1k',
    SLUICE_DISK_XFS: '/mnt/xfs',
    SLUICE_OVERLAY: '/mnt/overlay',
    SLUICE_TMPFS: '/tmp',
  };
  const script = [
    ...Object.entries(environment).map(([key, value]) => `export ${key}=${quoted(value)}`),
    ...prepare.map((line) => `${line} || exit 125`),
    ['exec', ...launchers, 'sh', '-c', quoted(command)].join(' '),
  ];
  const outcome = await boot({
    ...options,
    kernel,
    tool,
    append: `${append} ${options.append ?? ''}`.trim(),
    command: script.join('\n'),
  });
  return { ...outcome, release: kernel.release };
}

/** One word for sh. */
function quoted(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
