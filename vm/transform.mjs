// SPDX-License-Identifier: Apache-2.0
// The kernel test suites, transformed from TypeScript on the host for all machines.

import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Fault } from './fault.mjs';
import { VITEST } from './matrix.mjs';

const TREE = fileURLToPath(new URL('../', import.meta.url));

let transformed;

/**
 * Fills the cache that vitest.kernel.config.ts names, once. It is a second's work here, and ten seconds' in each machine.
 * @throws {Fault} where the suites can't be loaded
 */
export function transformSuites() {
  transformed ??= transform();
  return transformed;
}

async function transform() {
  // To list its tests a file is loaded, which makes its temporary folders; what would remove them runs after tests.
  const folder = mkdtempSync(join(tmpdir(), 'sluice-vm-transform-'));
  try {
    const env = { ...process.env, TMPDIR: folder };
    await promisify(execFile)(process.execPath, [...VITEST, 'list'], { cwd: TREE, env });
  } catch (error) {
    throw new Fault(`The test suites can't be loaded on this machine: ${error.stderr || error.message}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
