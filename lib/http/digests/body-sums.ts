import { createHash, type Hash } from 'node:crypto';
import { Checksum } from '../../checksum/create-checksum.js';
import { type AlgorithmName, algorithms, combine } from '../../engine/algorithms.js';
import type { DigestAlgorithm, DigestValues, HashName } from '../fields/algorithms.js';

const native: ReadonlySet<string> = new Set(algorithms);

/** Whether SIMD or the kernel computes it; the others are node:crypto's. */
export function isNative(algorithm: DigestAlgorithm): algorithm is AlgorithmName {
  return native.has(algorithm);
}

/** The digests of a body as it passes, each algorithm once. */
export class BodySums {
  readonly #checksums: Checksum[];
  readonly #hashes: readonly { algorithm: HashName; hash: Hash }[];
  readonly #wholes = new Map<AlgorithmName, bigint>();

  constructor(asked: Iterable<DigestAlgorithm>) {
    const names = [...new Set(asked)];
    this.#checksums = names.filter(isNative).map((name) => new Checksum(name));
    this.#hashes = names
      .filter((name): name is HashName => !isNative(name))
      .map((algorithm) => ({ algorithm, hash: createHash(algorithm) }));
  }

  /** The algorithms that the kernel could compute as well. */
  get native(): AlgorithmName[] {
    return this.#checksums.map(({ algorithm }) => algorithm);
  }

  update(bytes: Uint8Array): void {
    for (const each of this.#checksums) each.update(bytes);
    for (const { hash } of this.#hashes) hash.update(bytes);
  }

  /** Adds the values of `length` bytes that follow, after which nothing more may come. Hashes can't be combined. */
  append(values: Partial<Record<AlgorithmName, { value: bigint }>>, length: number): void {
    for (const each of this.#checksums) {
      const { value } = values[each.algorithm] as { value: bigint };
      this.#wholes.set(each.algorithm, combine(each.algorithm, each.digest(), value, length));
    }
  }

  /** Those of all bytes. Ends it. */
  values(): DigestValues {
    return Object.fromEntries([
      ...this.#checksums.map((each) => [each.algorithm, this.#wholes.get(each.algorithm) ?? each.digest()]),
      ...this.#hashes.map(({ algorithm, hash }) => [algorithm, hash.digest()]),
    ]);
  }
}
