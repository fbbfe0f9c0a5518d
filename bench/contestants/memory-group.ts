/** Programs that run in a memory cgroup of their own. */

import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where the controller is, and what its limit is called: cgroup v1 or v2. */
function controller(): { folder: string; limit: string } | undefined {
  for (const line of readFileSync('/proc/self/mounts', 'utf8').split('\n')) {
    const [, folder = '', type, options = ''] = line.split(' ');
    if (type === 'cgroup' && options.split(',').includes('memory'))
      return { folder, limit: 'memory.limit_in_bytes' };
    if (type !== 'cgroup2') continue;
    const controllers = readFileSync(join(folder, 'cgroup.subtree_control'), 'utf8').trim().split(' ');
    if (controllers.includes('memory')) return { folder, limit: 'memory.max' };
  }
  return undefined;
}

export class MemoryGroup implements Disposable {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** @returns or why there is none */
  static make(bytes: number): MemoryGroup | string {
    const found = controller();
    if (!found) return 'no memory controller is mounted';
    const folder = join(found.folder, `sluice-bench-${process.pid}`);
    try {
      mkdirSync(folder);
    } catch (error) {
      return `no cgroup can be made (${(error as NodeJS.ErrnoException).code})`;
    }
    const group = new MemoryGroup(folder);
    try {
      writeFileSync(join(folder, found.limit), String(bytes));
      return group;
    } catch (error) {
      group[Symbol.dispose]();
      return `the memory of a cgroup can't be limited (${(error as NodeJS.ErrnoException).code})`;
    }
  }

  /** The command that runs another one in it. */
  command(program: string, args: readonly string[]): [string, ...string[]] {
    return [
      '/bin/sh',
      '-c',
      'echo $$ > "$0" && exec "$@"',
      join(this.#folder, 'cgroup.procs'),
      program,
      ...args,
    ];
  }

  /** What its programs have left in the page cache goes to the group above. */
  [Symbol.dispose](): void {
    rmdirSync(this.#folder);
  }
}
