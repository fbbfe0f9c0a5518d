/** The C programs of bench/native, which the native build makes, and the package ships compiled. */

import { execFile } from 'node:child_process';
import { basename } from 'node:path';
import { promisify } from 'node:util';
import { SluiceError } from '../errors/errors.js';
import { platform, shippedProgram } from '../native/program.js';
import type { Pass } from './rounds.js';

const run = promisify(execFile);

/** Why there are no rows of a program that is not there. */
export const noProgram: string = `this package has no program for it on ${platform}; build it in a clone of the sources, with libdeflate-dev installed`;

/** The path of a program; undefined where there is none for this architecture. */
export const programPath = (name: string): string | undefined => shippedProgram('bench', name);

/** Runs such a program, which times itself and prints bytes, value, wall-clock, user and system time. */
export async function runYardstick(
  program: string,
  args: readonly string[],
  signal: AbortSignal | undefined,
  environment: Readonly<Record<string, string>> = {},
): Promise<Required<Pass>> {
  const { stdout } = await run(program, args, {
    env: { ...process.env, ...environment },
    ...(signal && { signal }),
  }).catch((error) => {
    if (signal?.aborted) throw error;
    const said = String(error.stderr).trim().slice(0, 200) || error.message;
    throw new SluiceError(
      'ERR_SLUICE_IO',
      `A program that is measured failed: ${basename(program)}: ${said}`,
      { cause: error },
    );
  });
  const [bytes, value, wallNs, userNs, systemNs] = stdout.trim().split(' ') as [string, ...string[]];
  return {
    bytes: Number(bytes),
    value: BigInt(value as string),
    took: { wallNs: Number(wallNs), userNs: Number(userNs), systemNs: Number(systemNs) },
  };
}
