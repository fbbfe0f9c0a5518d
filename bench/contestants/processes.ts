/** Programs in processes of their own, and the time that they take. */

import { execFile } from 'node:child_process';
import { statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { SluiceError } from '#lib/errors/errors.js';
import type { Took } from '#lib/measure/rounds.js';
import { hasProc } from '#lib/system/policy.js';
import { cpuTime } from './cpu-time.js';

const execute = promisify(execFile);

function installed(program: string): boolean {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders.some((folder) => statSync(join(folder, program), { throwIfNoEntry: false })?.isFile());
}

/** Why a contestant that needs these programs can't be measured here; undefined if it can. */
export function whyNot(programs: readonly string[]): string | undefined {
  if (!hasProc()) return 'its CPU time is in /proc, which is not mounted';
  const absent = programs.filter((program) => !installed(program));
  return absent.length > 0
    ? `${absent.join(' and ')} ${absent.length > 1 ? 'are' : 'is'} not installed`
    : undefined;
}

/** Whatever is printed of all files of a tree. */
const maxBuffer = 2 ** 28;

/** Runs a program to its end, while no other child of this process ends. What it prints is read, and not shown. */
export async function runProgram(
  [program, ...args]: readonly [string, ...string[]],
  signal: AbortSignal | undefined,
): Promise<{ output: string; took: Took }> {
  const before = cpuTime('self', 'its children that ended');
  const start = process.hrtime.bigint();
  const { stdout } = await execute(program, args, { maxBuffer, ...(signal && { signal }) }).catch((error) => {
    if (signal?.aborted) throw error;
    const said =
      String(error.stderr ?? '')
        .trim()
        .slice(0, 200) || error.message;
    throw new SluiceError('ERR_SLUICE_IO', `${[program, ...args].join(' ')} failed: ${said}`, {
      cause: error,
    });
  });
  const wallNs = Number(process.hrtime.bigint() - start);
  const after = cpuTime('self', 'its children that ended');
  return {
    output: stdout,
    took: { wallNs, userNs: after.userNs - before.userNs, systemNs: after.systemNs - before.systemNs },
  };
}
