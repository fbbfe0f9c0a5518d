/** What a C program would get from libdeflate or isa-l, as the distribution ships them, or from the kernel's own crypto. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AlgorithmName } from '../engine/algorithms.js';
import { byBufferSize } from './buffer-sizes.js';
import { compile, runYardstick } from './compile.js';
import type { Contestant, Entry } from './rounds.js';

/**
 * How the bytes come to the library: read into a buffer, mapped, the file's beginning many times from memory, or the
 * file's pages spliced to the kernel.
 */
export type Way = 'read' | 'mapped' | 'memory' | 'splice';

interface Library {
  name: string;
  source: string;
  flags: readonly string[];
  /** Debian's name for what is needed to compile against it. */
  package: string;
  ways: readonly Way[];
  algorithms: readonly AlgorithmName[];
}

const inMemory = { source: 'yardstick.c', ways: ['read', 'mapped', 'memory'] } as const;

const libraries: readonly Library[] = [
  {
    name: 'libdeflate',
    ...inMemory,
    flags: ['-DLIBDEFLATE', '-ldeflate'],
    package: 'libdeflate-dev',
    algorithms: ['adler32', 'crc32'],
  },
  {
    name: 'isa-l',
    ...inMemory,
    flags: ['-DISAL', '-lisal'],
    package: 'libisal-dev',
    algorithms: ['crc32', 'crc32c'],
  },
  {
    name: 'AF_ALG',
    source: 'af-alg.c',
    ways: ['splice'],
    flags: [],
    package: 'linux-libc-dev',
    algorithms: ['crc32', 'crc32c'],
  },
];

/** A library with one of the algorithms that it has here. */
interface Able {
  library: Library;
  algorithm: AlgorithmName;
}

export class Yardsticks {
  /** What can't be measured, and what to install. */
  readonly missing: string[] = [];
  readonly #folder: string;
  #able: Able[] = [];

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Compiles what can be compiled here, in a folder of its own that is removed at the end. */
  static async build(): Promise<Yardsticks> {
    const made = new Yardsticks(await mkdtemp(join(tmpdir(), 'sluice-yardstick-')));
    const able = await Promise.all(libraries.map((library) => made.#ableAlgorithms(library)));
    made.#able = able.flat();
    return made;
  }

  async #ableAlgorithms(library: Library): Promise<Able[]> {
    const { name, source, flags, package: needed } = library;
    const program = join(this.#folder, name);
    const why = await compile(source, program, flags, needed);
    if (why !== undefined) {
      this.missing.push(`${name}: ${why}`);
      return [];
    }
    const tried = library.algorithms.map(async (algorithm) => {
      if (!library.ways.includes('splice')) return [{ library, algorithm }];
      // Whether the kernel has it is for the kernel to say.
      try {
        await runYardstick(program, ['splice', algorithm, program], undefined);
        return [{ library, algorithm }];
      } catch (error) {
        const { stderr } = (error as Error).cause as { stderr?: string };
        this.missing.push(
          `${name}, ${algorithm}: this kernel has none (${stderr?.trim()}); modprobe algif_hash`,
        );
        return [];
      }
    });
    return (await Promise.all(tried)).flat();
  }

  /** One contestant for each library that has the algorithm, and takes the bytes that way. */
  contestants(way: Way, algorithm: AlgorithmName, file: string): Entry[] {
    const able = this.#able.filter(
      ({ library, algorithm: has }) => has === algorithm && library.ways.includes(way),
    );
    return able.map(({ library: { name } }) => {
      const contestant = (...buffer: number[]): Contestant => ({
        name: `${way} + ${name}`,
        parameters: { engine: 'other', algorithm, threads: 1, cache: 'warm' },
        pass: (signal) =>
          runYardstick(join(this.#folder, name), [way, algorithm, file, ...buffer.map(String)], signal),
      });
      return way === 'read' ? byBufferSize(contestant) : contestant();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }
}
