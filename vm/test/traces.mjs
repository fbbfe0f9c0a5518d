// SPDX-License-Identifier: Apache-2.0
// What a run must not leave behind. Each test gets a temporary folder of its own, so that machines other people
// run at the same time are not mistaken for leftovers.

import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const VIRTIOFSD_LOCKS = '/var/run/virtiofsd';

/**
 * Runs `body` with TMPDIR set to a fresh folder, then checks that no file, process, lock or mount names it.
 * @param {(folder: string) => Promise<void>} body
 */
export async function leavesNothing(body) {
  const before = process.env.TMPDIR;
  const folder = mkdtempSync(join(tmpdir(), 'traces-'));
  process.env.TMPDIR = folder;
  try {
    await body(folder);
    assert.deepEqual(readdirSync(folder), [], 'files left');
    assert.deepEqual(processesNaming(folder), [], 'processes left');
    assert.ok(!readFileSync('/proc/self/mountinfo', 'utf8').includes(folder), 'mount left');
    const locks = existsSync(VIRTIOFSD_LOCKS) ? readdirSync(VIRTIOFSD_LOCKS) : [];
    assert.deepEqual(
      locks.filter((name) => name.includes(folder.replaceAll('/', '.'))),
      [],
    );
  } finally {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Command lines of the processes, other than this one, that name the folder. */
export function processesNaming(folder) {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid)
    .map((pid) => commandLine(pid))
    .filter((line) => line.includes(folder));
}

function commandLine(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    // It ended between the listing and the reading.
    return '';
  }
}
