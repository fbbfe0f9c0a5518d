/** What a C program would get from libdeflate or isa-l, as distributions ship them, or from the kernel's own crypto. */

import type { AlgorithmName } from '../engine/algorithms.js';
import { byBufferSize } from './buffer-sizes.js';
import { noProgram, programPath, runYardstick } from './programs.js';
import type { Contestant, Entry } from './rounds.js';

/**
 * How the bytes come to the library: read into a buffer, mapped, the file's beginning many times from memory, or the
 * file's pages spliced to the kernel.
 */
export type Way = 'read' | 'mapped' | 'memory' | 'splice';

interface Library {
  name: string;
  /** Which program takes the bytes to it, and the arguments before the way. */
  program: string;
  args: readonly string[];
  ways: readonly Way[];
  algorithms: readonly AlgorithmName[];
  /** What is said where it can't be had: who has none, and what to do. */
  lacking: string;
  remedy: string;
}

const inMemory = { program: 'yardstick', ways: ['read', 'mapped', 'memory'] } as const;

const libraries: readonly Library[] = [
  {
    name: 'libdeflate',
    ...inMemory,
    args: ['libdeflate'],
    algorithms: ['adler32', 'crc32'],
    lacking: 'it does not run here',
    remedy: 'report this',
  },
  {
    name: 'isa-l',
    ...inMemory,
    args: ['isa-l'],
    algorithms: ['crc32', 'crc32c'],
    lacking: 'this machine has none',
    remedy: 'install libisal2',
  },
  {
    name: 'AF_ALG',
    program: 'af-alg',
    args: [],
    ways: ['splice'],
    algorithms: ['crc32', 'crc32c'],
    lacking: 'this kernel has none',
    remedy: 'modprobe algif_hash',
  },
];

/** A library with one of the algorithms that it has here. */
interface Able {
  library: Library;
  path: string;
  algorithm: AlgorithmName;
}

export class Yardsticks {
  /** What can't be measured, and what to do about it. */
  readonly missing: string[] = [];
  readonly #able: Able[] = [];

  private constructor() {}

  /** Tries each on a small file: whether a library or the kernel has an algorithm is for them to say. */
  static async find(): Promise<Yardsticks> {
    const found = new Yardsticks();
    for (const library of libraries) {
      const path = programPath(library.program);
      if (path === undefined) {
        found.missing.push(`${library.name}: ${noProgram}`);
        continue;
      }
      for (const algorithm of library.algorithms) await found.#try({ library, path, algorithm });
    }
    return found;
  }

  async #try(able: Able): Promise<void> {
    const { library, path, algorithm } = able;
    const { name, args, ways, lacking, remedy } = library;
    try {
      const way = ways.includes('splice') ? 'splice' : 'mapped';
      await runYardstick(path, [...args, way, algorithm, path], undefined);
      this.#able.push(able);
    } catch (error) {
      const { stderr } = (error as Error).cause as { stderr?: string };
      this.missing.push(`${name}, ${algorithm}: ${lacking} (${stderr?.trim()}); ${remedy}`);
    }
  }

  /** One contestant for each library that has the algorithm, and takes the bytes that way. */
  contestants(way: Way, algorithm: AlgorithmName, file: string): Entry[] {
    const able = this.#able.filter(
      ({ library, algorithm: has }) => has === algorithm && library.ways.includes(way),
    );
    return able.map(({ library: { name, args }, path }) => {
      const contestant = (...buffer: number[]): Contestant => ({
        name: `${way} + ${name}`,
        parameters: { backend: 'other', algorithm, threads: 1, cache: 'warm' },
        pass: (signal) => runYardstick(path, [...args, way, algorithm, file, ...buffer.map(String)], signal),
      });
      return way === 'read' ? byBufferSize(contestant) : contestant();
    });
  }
}
