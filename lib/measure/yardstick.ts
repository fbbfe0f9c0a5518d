/**
 * What a C program would get from libdeflate or isa-l, as the distribution ships them: compiled when it is wanted,
 * because this package depends on neither.
 */

import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { AlgorithmName } from '../engine/algorithms.js';
import { packageRoot } from '../native.js';
import type { Contestant, Pass } from './rounds.js';

const run = promisify(execFile);

interface Library {
  name: string;
  define: string;
  link: string;
  /** Debian's name for what is needed to compile against it. */
  package: string;
  algorithms: readonly AlgorithmName[];
}

const libraries: readonly Library[] = [
  {
    name: 'libdeflate',
    define: '-DLIBDEFLATE',
    link: '-ldeflate',
    package: 'libdeflate-dev',
    algorithms: ['adler32', 'crc32'],
  },
  {
    name: 'isa-l',
    define: '-DISAL',
    link: '-lisal',
    package: 'libisal-dev',
    algorithms: ['crc32', 'crc32c'],
  },
];

/** How the bytes come to the library: read into a buffer, mapped, or the file's beginning many times from memory. */
export type Way = 'read' | 'mapped' | 'memory';

export class Yardsticks {
  /** What can't be measured, and what to install. */
  readonly missing: string[] = [];
  readonly #folder: string;
  #built: Library[] = [];

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Compiles what can be compiled here, in a folder of its own that is removed at the end. */
  static async build(): Promise<Yardsticks> {
    const made = new Yardsticks(await mkdtemp(join(tmpdir(), 'sluice-yardstick-')));
    const compiled = await Promise.all(libraries.map((library) => made.#compile(library)));
    made.#built = libraries.filter((_, i) => compiled[i]);
    return made;
  }

  async #compile(library: Library): Promise<boolean> {
    const source = join(packageRoot, 'bench', 'native', 'yardstick.c');
    try {
      await run('cc', ['-O2', library.define, source, '-o', join(this.#folder, library.name), library.link]);
      return true;
    } catch (error) {
      const absent = (error as NodeJS.ErrnoException).code === 'ENOENT';
      this.missing.push(
        `${library.name}: ${absent ? 'there is no C compiler (cc)' : `it does not compile; install ${library.package}`}`,
      );
      return false;
    }
  }

  /** One contestant for each library that has the algorithm. */
  contestants(way: Way, algorithm: AlgorithmName, file: string): Contestant[] {
    const able = this.#built.filter((library) => library.algorithms.includes(algorithm));
    return able.map(({ name }) => ({
      name: `${way} + ${name}`,
      parameters: { engine: 'other', algorithm, threads: 1, cache: 'warm' },
      pass: (signal) => this.#pass(name, [way, algorithm, file], signal),
    }));
  }

  async #pass(program: string, args: string[], signal: AbortSignal | undefined): Promise<Pass> {
    const { stdout } = await run(join(this.#folder, program), args, { ...(signal && { signal }) });
    const [bytes, value, wallNs, userNs, systemNs] = stdout.trim().split(' ') as [string, ...string[]];
    return {
      bytes: Number(bytes),
      value: BigInt(value as string),
      took: { wallNs: Number(wallNs), userNs: Number(userNs), systemNs: Number(systemNs) },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }
}
