/** What a C program would get from libdeflate or isa-l, as the distribution ships them. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AlgorithmName } from '../engine/algorithms.js';
import { compile, runYardstick } from './compile.js';
import type { Contestant } from './rounds.js';

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

  async #compile({ name, define, link, package: needed }: Library): Promise<boolean> {
    const why = await compile('yardstick.c', join(this.#folder, name), [define, link], needed);
    if (why !== undefined) this.missing.push(`${name}: ${why}`);
    return why === undefined;
  }

  /** One contestant for each library that has the algorithm. */
  contestants(way: Way, algorithm: AlgorithmName, file: string): Contestant[] {
    const able = this.#built.filter((library) => library.algorithms.includes(algorithm));
    return able.map(({ name }) => ({
      name: `${way} + ${name}`,
      parameters: { engine: 'other', algorithm, threads: 1, cache: 'warm' },
      pass: (signal) => runYardstick(join(this.#folder, name), [way, algorithm, file], signal),
    }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }
}
