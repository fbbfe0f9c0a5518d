import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
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
}

export interface Surroundings {
  /** The command that runs it, such as strace with its arguments. */
  under?: readonly string[];
  env?: NodeJS.ProcessEnv;
}

/** Starts a file of a test's folder `programs` with node. It is ended with the test. */
export function start(
  file: URL,
  args: readonly string[],
  { under = [], env = process.env }: Surroundings = {},
): Program {
  const [command = process.execPath, ...rest] = [...under, process.execPath, fileURLToPath(file), ...args];
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
  return {
    child,
    stdin,
    ended,
    complaints: () => complaints,
    async line() {
      const { value, done } = await lines.next();
      if (!done) return value;
      const [status, signal] = await ended;
      throw new Error(
        `${command} ${rest.join(' ')} ended with ${signal ?? status} before it printed a line:\n${complaints}`,
      );
    },
  };
}
