/** Programs that use sluice/libbpf, whose end is part of the test. */

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { testObject } from '../support.js';

export interface Ended {
  status: number | null;
  signal: NodeJS.Signals | null;
  output: string;
  errors: string;
}

/** Runs one scene of one of the programs. */
export function ended(name: string, scene: string, ...flags: string[]): Ended {
  const program = fileURLToPath(new URL(`programs/${name}.mjs`, import.meta.url));
  const { status, signal, stdout, stderr } = spawnSync(
    process.execPath,
    [...flags, program, scene, testObject('core')],
    { encoding: 'utf8', timeout: 120_000 },
  );
  return { status, signal, output: stdout.trim(), errors: stderr.trim() };
}
