import { createHash, type Hash } from 'node:crypto';
import { RunningChecksums } from '../../checksum/running-checksums.js';
import { type AlgorithmName, algorithms } from '../../engine/algorithms.js';
import { Checksums } from '../../engine/checksums.js';
import type { DigestAlgorithm, DigestValues, HashName } from '../fields/algorithms.js';

const native: ReadonlySet<string> = new Set(algorithms);

/** Whether SIMD or the kernel computes it; the others are node:crypto's. */
export function isNative(algorithm: DigestAlgorithm): algorithm is AlgorithmName {
  return native.has(algorithm);
}

/** Those of the digests that are checksums. */
export function checksumsIn(values: DigestValues): Checksums {
  const pairs = Object.entries(values) as [DigestAlgorithm, bigint][];
  return new Checksums(pairs.filter((pair): pair is [AlgorithmName, bigint] => isNative(pair[0])));
}

/** The digests of a body as it passes, each algorithm once. */
export class BodySums {
  readonly #checksums: RunningChecksums;
  readonly #hashes: readonly { algorithm: HashName; hash: Hash }[];
  #whole: Checksums | undefined;

  constructor(asked: Iterable<DigestAlgorithm>) {
    const names = [...new Set(asked)];
    this.#checksums = new RunningChecksums(names.filter(isNative));
    this.#hashes = names
      .filter((name): name is HashName => !isNative(name))
      .map((algorithm) => ({ algorithm, hash: createHash(algorithm) }));
  }

  /** The algorithms that the kernel could compute as well. */
  get native(): AlgorithmName[] {
    return this.#checksums.algorithms;
  }

  update(bytes: Uint8Array): void {
    this.#checksums.update(bytes);
    for (const { hash } of this.#hashes) hash.update(bytes);
  }

  /** Adds the checksums of `length` bytes that follow, after which nothing more may come. Hashes can't be combined. */
  append(rest: Checksums, length: number): void {
    this.#whole = this.#checksums.checksums.append(rest, length);
  }

  /** Those of all bytes. Ends it. */
  values(): DigestValues {
    return Object.fromEntries([
      ...(this.#whole ?? this.#checksums.checksums),
      ...this.#hashes.map(({ algorithm, hash }) => [algorithm, hash.digest()]),
    ]);
  }
}
