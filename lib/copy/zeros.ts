import { createChecksum } from '../checksum/create-checksum.js';
import { type AlgorithmName, combine, initialValue } from '../engine/algorithms.js';

/** The value of so many zero bytes, which is what a hole of a file reads as: by doubling, without a pass over them. */
export function valueOfZeros(name: AlgorithmName, length: number): bigint {
  let value = initialValue(name);
  let power = createChecksum(name).update(new Uint8Array(1)).digest(); // of `bytes` zeros
  let bytes = 1n;
  for (let rest = BigInt(length); rest > 0n; rest >>= 1n) {
    if (rest & 1n) value = combine(name, value, power, bytes);
    power = combine(name, power, power, bytes);
    bytes *= 2n;
  }
  return value;
}
