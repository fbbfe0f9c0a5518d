/** The programs of hooks.bpf.c, of which each test attaches one. */

import { execFileSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Link, type LoadedObject, openObject, u64 } from '../../../lib/libbpf/index.js';
import { expectRefusal, testObject } from '../support.js';

/** Loads only the programs named; they count what this process does. */
export function hooks(...programs: string[]): LoadedObject {
  const opened = openObject(testObject('hooks'));
  for (const name of opened.programNames) opened.program(name).autoload = programs.includes(name);
  opened.variable('process').set(process.pid);
  return opened.load();
}

/** How often the programs ran so far. */
export function hits(loaded: LoadedObject): number {
  return Number(loaded.variable('hits', u64).get());
}

/** Reads from a file, `times` times, through vfs_read. */
export function read(times: number): void {
  const fd = openSync('/proc/version', 'r');
  for (let i = 0; i < times; i++) readSync(fd, Buffer.alloc(1));
  closeSync(fd);
}

/**
 * Loads and attaches one program, lets it see `times` events, and none after it is detached. Where the kernel can't do
 * it, loading or attaching must be refused.
 */
export function exerciseHook(
  supported: boolean,
  program: string,
  attach: (loaded: LoadedObject) => Link,
  act: (times: number) => void = read,
): void {
  const run = () => {
    using loaded = hooks(program);
    using link = attach(loaded);
    const before = hits(loaded);
    act(10);
    const seen = hits(loaded) - before;
    if (seen < 10) throw new Error(`${program} saw ${seen} of 10 events`);
    link.close();
    const after = hits(loaded);
    act(10);
    if (hits(loaded) !== after) throw new Error(`${program} ran after its link was closed`);
  };
  if (supported) run();
  else expectRefusal(run, ['ERR_SLUICE_BPF', 'ERR_SLUICE_VERIFIER']);
}

/** Whether the kernel lets perf events be made of its functions (`kprobe`) or of programs' (`uprobe`). */
export function hasPerfProbe(kind: 'kprobe' | 'uprobe'): boolean {
  return existsSync(`/sys/bus/event_source/devices/${kind}/type`);
}

/** Runs one of the programs in a network and mount namespace of its own; it reports on standard output. */
export function isolated(script: string, environment: NodeJS.ProcessEnv = {}): unknown {
  const path = fileURLToPath(new URL(`programs/${script}.mjs`, import.meta.url));
  const output = execFileSync('unshare', ['--net', '--mount', process.execPath, path], {
    encoding: 'utf8',
    env: { ...process.env, ...environment },
  });
  return JSON.parse(output);
}
