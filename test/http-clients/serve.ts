/** The example WebDAV server as a person starts it, on a folder of its own. */

import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readlinkSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll } from 'vitest';
import { unprivileged } from '../cli/run.js';
import { temporaryFolder } from '../helpers/files.js';

export const serverPath: string = fileURLToPath(
  new URL('../../examples/webdav-server/server.mjs', import.meta.url),
);

export interface Served {
  /** The folder that is served. */
  readonly root: string;
  /** Without a slash at the end. */
  readonly url: string;
  readonly port: number;
  readonly process: ChildProcess;
  /** What it wrote to standard error since this was asked last: nothing, if all is well. */
  readonly complaints: () => string;
}

/** Serves while the tests of a file run. */
export function served(...options: string[]): Served {
  return servedBy(['env'], options);
}

/** As served(), by a process that obeys the modes of files. */
export function servedUnprivileged(...options: string[]): Served {
  return servedBy(unprivileged, options);
}

/** As served(), by a process whose system calls go wrong as strace's `inject` says. */
export function servedWithFaults(inject: string): Served {
  return servedBy(['strace', '-D', '-f', '-qq', '-o', '/dev/null', '-e', `inject=${inject}`], []);
}

function servedBy([command, ...rest]: readonly [string, ...string[]], options: readonly string[]): Served {
  const root = temporaryFolder();
  let child: ChildProcess;
  let url = '';
  let complaints = '';
  beforeAll(async () => {
    const serve = [process.execPath, serverPath, '--root', root, '--port', '0'];
    child = spawn(command, [...rest, ...serve, ...options], { stdio: 'pipe' });
    child.stderr?.on('data', (chunk) => {
      complaints += chunk;
    });
    const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
    const [first] = await Promise.race([
      new Promise<string[]>((resolve) => lines.once('line', (line) => resolve([line]))),
      new Promise<string[]>((_, reject) => child.once('exit', () => reject(new Error(complaints)))),
    ]);
    url = /http:\S+(?=\/$)/.exec(first ?? '')?.[0] ?? '';
  });
  afterAll(async () => {
    if (child.exitCode !== null) return;
    const over = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await over;
  });
  return {
    root,
    get url() {
      return url;
    },
    get port() {
      return Number(new URL(url).port);
    },
    get process() {
      return child;
    },
    complaints() {
      const said = complaints;
      complaints = '';
      return said;
    },
  };
}

/** Hidden names in the folder that is served, and what the server has open beneath it. */
export function leftBehind({ root, process: { pid } }: Served): string[] {
  const open = readdirSync(`/proc/${pid}/fd`).map((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`);
    } catch {
      return ''; // closed by now
    }
  });
  return [
    ...readdirSync(root).filter((name) => name.startsWith('.')),
    ...open.filter((target) => target.startsWith(root)),
  ];
}
