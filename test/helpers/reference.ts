/** Checksums as their definitions say, a bit at a time: slow, and independent of everything that is tested. */

import type { AlgorithmName } from '../../lib/index.js';

function adler32(bytes: Uint8Array): bigint {
  let a = 1;
  let b = 0;
  for (const byte of bytes) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  return BigInt(b) * 65536n + BigInt(a);
}

/** Reflected CRC with all ones before and after, in two halves of 32 bits, because bigints are slow. */
function crc(polynomial: bigint, bits: number, bytes: Uint8Array): bigint {
  const halves = (value: bigint): [number, number] => [
    Number(value >> 32n) | 0,
    Number(value & 0xffffffffn) | 0,
  ];
  const high = new Int32Array(256);
  const low = new Int32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let rest = BigInt(byte);
    for (let k = 0; k < 8; k++) rest = rest & 1n ? (rest >> 1n) ^ polynomial : rest >> 1n;
    [high[byte], low[byte]] = halves(rest);
  }
  let [h, l] = halves((1n << BigInt(bits)) - 1n);
  for (const byte of bytes) {
    const index = (l ^ byte) & 0xff;
    l = ((l >>> 8) | (h << 24)) ^ (low[index] as number);
    h = (h >>> 8) ^ (high[index] as number);
  }
  const register = (BigInt(h >>> 0) << 32n) | BigInt(l >>> 0);
  return register ^ ((1n << BigInt(bits)) - 1n);
}

export function reference(algorithm: AlgorithmName, bytes: Uint8Array): bigint {
  switch (algorithm) {
    case 'adler32':
      return adler32(bytes);
    case 'crc32':
      return crc(0xedb88320n, 32, bytes);
    case 'crc32c':
      return crc(0x82f63b78n, 32, bytes);
    case 'crc64nvme':
      return crc(0x9a6c9329ac4bc9b5n, 64, bytes);
  }
}
