/**
 * Programs that a test runs beside itself: files of its folder `programs`. A test file imports the sources, lib/. A
 * program is what a user would run, and so runs what is built, dist/: it imports `sluice`, `sluice/http` and the other
 * entries, and `#lib/…` for what none of them exports. package.json says where these names lead; test/cli/run.ts has
 * the command. Nothing else names dist/ but the tests of the package itself: test/package, test/surface.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { extname } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

export interface Program {
  readonly child: ChildProcess;
  readonly stdin: Writable;
  /** Exit status and signal. */
  readonly ended: Promise<[number | null, NodeJS.Signals | null]>;
  /** What it has written to its standard error. */
  complaints(): string;
  /** The next line that it prints. Fails with what it said on its standard error if it ends without one. */
  line(): Promise<string>;
  /** All that it prints from now on, without the last line break. Fails as `line` does if it does not end with 0. */
  rest(): Promise<string>;
}

export interface Surroundings {
  /** The command that runs it, such as strace with its arguments. */
  under?: readonly string[];
  env?: NodeJS.ProcessEnv;
}

/** What runs a file, by how its name ends; another file runs by itself. */
const interpreters: Record<string, readonly string[]> = { '.mjs': [process.execPath], '.py': ['python3'] };

/** Starts a file of a test's folder `programs`. It is ended with the test. */
export function start(
  file: URL,
  args: readonly string[],
  { under = [], env = process.env }: Surroundings = {},
): Program {
  const path = fileURLToPath(file);
  const [command = path, ...rest] = [...under, ...(interpreters[extname(path)] ?? []), path, ...args];
  // Of a process that strace traces, the address sanitizer can't look for leaks: it would end it with 1.
  const quiet = { ...env, ASAN_OPTIONS: `${env['ASAN_OPTIONS'] ?? ''}:detect_leaks=0` };
  const child = spawn(command, rest, { stdio: 'pipe', env: under.length > 0 ? quiet : env });
  onTestFinished(() => void child.kill('SIGKILL'));
  const { stdin, stdout, stderr } = child as { stdin: Writable; stdout: Readable; stderr: Readable };
  stdin.on('error', () => {}); // It may end before it reads what it is told.
  let complaints = '';
  stderr.setEncoding('utf8').on('data', (chunk: string) => {
    complaints += chunk;
  });
  const ended = once(child, 'close') as Program['ended'];
  ended.catch(() => {}); // line() says so
  const lines = createInterface(stdout)[Symbol.asyncIterator]();
  const failure = ([status, signal]: [number | null, NodeJS.Signals | null], before: string) =>
    new Error(`${command} ${rest.join(' ')} ended with ${signal ?? status}${before}:\n${complaints}`);
  return {
    child,
    stdin,
    ended,
    complaints: () => complaints,
    async line() {
      const { value, done } = await lines.next();
      if (!done) return value;
      throw failure(await ended, ' before it printed a line');
    },
    async rest() {
      const printed: string[] = [];
      for await (const line of lines) printed.push(line);
      const end = await ended;
      if (end[0] !== 0) throw failure(end, '');
      return printed.join('\n');
    },
  };
}
