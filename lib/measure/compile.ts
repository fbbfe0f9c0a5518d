/** The C programs in bench/native: compiled when they are wanted, because this package depends on none of their libraries. */

import { execFile } from 'node:child_process';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { isMissing } from '../errors/errno.js';
import { SluiceError } from '../errors/errors.js';
import { packageRoot } from '../native/index.js';
import type { Pass } from './rounds.js';

const run = promisify(execFile);

/**
 * @param needed Debian's name of the package without which it does not compile
 * @returns why it could not be compiled
 */
export async function compile(
  source: string,
  program: string,
  flags: readonly string[],
  needed: string,
): Promise<string | undefined> {
  try {
    await run('cc', ['-O2', join(packageRoot, 'bench', 'native', source), '-o', program, ...flags]);
    return undefined;
  } catch (error) {
    const absent = isMissing(error);
    return absent ? 'there is no C compiler (cc)' : `it does not compile; install ${needed}`;
  }
}

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
