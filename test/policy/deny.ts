/** Commands that run where a seccomp filter refuses one system call. */

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from '../helpers/files.js';

const source = fileURLToPath(new URL('programs/deny.c', import.meta.url));

/** Compiled once for a test file. */
export function compileDeny(): (call: string, errno: number, command: readonly string[]) => string[] {
  const program = join(temporaryFolder(), 'deny');
  execFileSync('cc', ['-O1', '-Wall', '-Werror', source, '-o', program]);
  return (call, errno, command) => [program, String(errno), call, '--', ...command];
}
