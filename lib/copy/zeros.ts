import { createChecksum } from '../checksum/create-checksum.js';
import type { AlgorithmName } from '../engine/algorithms.js';
import { Checksums } from '../engine/checksums.js';

/** The checksums of so many zero bytes, which is what a hole of a file reads as: by doubling, without a pass over them. */
export function checksumsOfZeros(names: readonly AlgorithmName[], length: number): Checksums {
  let sums = Checksums.ofNothing(names);
  const zero = new Uint8Array(1);
  let power = new Checksums(names.map((name) => [name, createChecksum(name).update(zero).digest()])); // of `bytes` zeros
  let bytes = 1n;
  for (let rest = BigInt(length); rest > 0n; rest >>= 1n) {
    if (rest & 1n) sums = sums.append(power, bytes);
    power = power.append(power, bytes);
    bytes *= 2n;
  }
  return sums;
}
