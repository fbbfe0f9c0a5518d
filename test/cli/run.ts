/** Runs the built command, and other programs to compare it with, on files in a directory of its own. */

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

export const binary: string = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

export interface Outcome {
  stdout: string;
  stderr: string;
  status: number | null;
}

export interface RunOptions {
  cwd?: string;
  /** Given on standard input through a pipe; default: nothing. */
  input?: string | Buffer;
}

export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const { input = '', ...rest } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...rest, stdio: 'pipe' });
    const read = (stream: NodeJS.ReadableStream): (() => string) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      return () => Buffer.concat(chunks).toString();
    };
    const [stdout, stderr] = [read(child.stdout), read(child.stderr)];
    child.on('error', reject);
    child.on('close', (status) => resolve({ stdout: stdout(), stderr: stderr(), status }));
    child.stdin.on('error', () => {}); // it ended without reading all of it
    child.stdin.end(input);
  });
}

export function sluice(args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  return run(process.execPath, [binary, ...args], options);
}

/** The path of one of the programs that tests run beside the command. */
export function programPath(name: string): string {
  return fileURLToPath(new URL(`programs/${name}`, import.meta.url));
}

/** Put before a command, it takes all privilege from it: root without capabilities obeys the modes of files. */
export const unprivileged: readonly [string, ...string[]] =
  process.getuid?.() === 0 ? ['setpriv', '--bounding-set=-all', '--inh-caps=-all'] : ['env'];

/** As sluice(), by a user whom the kernel gives no privilege. */
export function sluiceUnprivileged(args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const [command, ...rest] = unprivileged;
  return run(command, [...rest, process.execPath, binary, ...args], options);
}

/** A directory that is removed when the test ends. */
export function directory(): string {
  const path = mkdtempSync(join(tmpdir(), 'sluice-cli-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}
