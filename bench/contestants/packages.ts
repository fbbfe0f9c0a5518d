/** What a program for Node.js would take instead: a loop of read and update, with each of the usual packages. */

import { closeSync, openSync, readSync } from 'node:fs';
import { createRequire } from 'node:module';
import * as zlib from 'node:zlib';
import type { AlgorithmName } from '#lib/engine/algorithms.js';
import { byBufferSize } from '#lib/measure/buffer-sizes.js';
import type { Entry } from '#lib/measure/rounds.js';

/** One run over the data. */
export interface Run {
  update(bytes: Buffer): void;
  value(): number;
}

export interface Package {
  name: string;
  algorithm: AlgorithmName;
  begin(): Promise<Run> | Run;
}

const require = createRequire(import.meta.url);

function optional<T>(name: string): T | undefined {
  try {
    return require(name) as T;
  } catch {
    return undefined;
  }
}

/** From a function that goes on from an earlier value, where 0 stands for no bytes. */
function chained(
  name: string,
  algorithm: AlgorithmName,
  next: (bytes: Buffer, value: number) => number,
): Package {
  return {
    name,
    algorithm,
    begin() {
      let value = 0;
      return {
        update(bytes) {
          value = next(bytes, value);
        },
        value: () => value >>> 0,
      };
    },
  };
}

interface Hasher {
  init(): Hasher;
  update(bytes: Buffer): Hasher;
  digest(): string;
}

function hashWasm(algorithm: AlgorithmName, create: () => Promise<Hasher>): Package {
  return {
    name: 'hash-wasm',
    algorithm,
    async begin() {
      const hasher = (await create()).init();
      return { update: (bytes) => void hasher.update(bytes), value: () => Number(`0x${hasher.digest()}`) };
    },
  };
}

interface Optional {
  '@node-rs/crc32': Record<'crc32' | 'crc32c', (bytes: Buffer, value: number) => number>;
  'fast-crc32c': { calculate(bytes: Buffer, value: number): number };
  'hash-wasm': { createAdler32(): Promise<Hasher>; createCRC32(polynomial?: number): Promise<Hasher> };
}

/** Castagnoli's, reflected. */
const crc32cPolynomial = 0x82f63b78;

function load(): { packages: Package[]; missing: string[] } {
  const packages: Package[] = [];
  const missing: string[] = [];
  const found = <Name extends keyof Optional>(
    name: Name,
    make: (loaded: Optional[Name]) => Package[],
  ): void => {
    const loaded = optional<Optional[Name]>(name);
    if (loaded) packages.push(...make(loaded));
    else missing.push(`${name}: not installed; npm install ${name}`);
  };

  // Node 22.2 and 20.15 have it.
  const { crc32 } = zlib as { crc32?: (bytes: Buffer, value: number) => number };
  if (crc32) packages.push(chained('node:zlib', 'crc32', crc32));
  else
    missing.push(
      `node:zlib: Node.js ${process.versions.node} has no zlib.crc32; it came with 20.15 and 22.2`,
    );
  found('@node-rs/crc32', (nodeRs) => [
    chained('@node-rs/crc32', 'crc32', nodeRs.crc32),
    chained('@node-rs/crc32', 'crc32c', nodeRs.crc32c),
  ]);
  found('fast-crc32c', ({ calculate }) => {
    // Without its native half it falls back to JavaScript, and does not say so.
    const native = optional('sse4_crc32') !== undefined;
    return [chained(native ? 'fast-crc32c' : 'fast-crc32c (JavaScript)', 'crc32c', calculate)];
  });
  found('hash-wasm', (wasm) => [
    hashWasm('adler32', () => wasm.createAdler32()),
    hashWasm('crc32', () => wasm.createCRC32()),
    hashWasm('crc32c', () => wasm.createCRC32(crc32cPolynomial)),
  ]);
  return { packages, missing };
}

let loaded: ReturnType<typeof load> | undefined;

/** The packages that are there, and what to do about the others. */
export function javaScriptPackages(): { packages: Package[]; missing: string[] } {
  loaded ??= load();
  return loaded;
}

/** The packages that have the algorithm, each reading the file into a buffer. */
export function packageContestants(algorithm: AlgorithmName, file: string): Entry[] {
  const able = javaScriptPackages().packages.filter((each) => each.algorithm === algorithm);
  return able.map(({ name, begin }) =>
    byBufferSize((bufferSize) => ({
      name: `read + ${name}`,
      parameters: { backend: 'other', algorithm, threads: 1, cache: 'warm' },
      async pass() {
        const run = await begin();
        const buffer = Buffer.allocUnsafeSlow(bufferSize);
        const fd = openSync(file, 'r');
        let bytes = 0;
        try {
          for (let got = readSync(fd, buffer); got > 0; got = readSync(fd, buffer)) {
            run.update(got === bufferSize ? buffer : buffer.subarray(0, got));
            bytes += got;
          }
        } finally {
          closeSync(fd);
        }
        return { bytes, value: BigInt(run.value()) };
      },
    })),
  );
}
