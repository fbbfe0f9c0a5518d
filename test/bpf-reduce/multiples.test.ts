// SPDX-License-Identifier: Apache-2.0
// Proves the sparse multiples of bpf/reduce/state.h by long division over big integers.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const state = readFileSync(new URL('../../bpf/reduce/state.h', import.meta.url), 'utf8');

function define(name: string): number[] {
  const match = new RegExp(`^#define ${name} ([0-9, ]+)$`, 'm').exec(state);
  if (!match?.[1]) throw new Error(`bpf/reduce/state.h has no ${name}`);
  return match[1].split(',').map(Number);
}

/** Remainder of the polynomial over GF(2) with these exponents, bit n of `divisor` being the coefficient of x^n. */
function remainder(exponents: number[], divisor: bigint): bigint {
  const terms = new Set(exponents);
  const top = 1n << BigInt(divisor.toString(2).length - 1);
  let rest = 0n;
  for (let exponent = Math.max(...exponents); exponent >= 0; exponent--) {
    rest = (rest << 1n) | (terms.has(exponent) ? 1n : 0n);
    if (rest & top) rest ^= divisor;
  }
  return rest;
}

const crcs = [
  { name: 'CRC32', polynomial: 0x104c11db7n },
  { name: 'CRC32C', polynomial: 0x11edc6f41n },
  { name: 'CRC64NVME', polynomial: 0x1ad93d23594c93659n },
];

describe.each(crcs)('the multiple of $name', ({ name, polynomial }) => {
  const distances = define(`SLUICE_${name}_DISTANCES`);
  const longest = distances.at(-1) ?? 0;
  const exponents = [0, ...distances].map((distance) => longest - distance);

  test('is divided by the polynomial, over bits and over bytes', () => {
    expect(remainder(exponents, polynomial)).toBe(0n);
    expect(
      remainder(
        exponents.map((exponent) => exponent * 8),
        polynomial,
      ),
    ).toBe(0n);
    expect(remainder([...exponents, 1], polynomial)).not.toBe(0n);
  });

  test('reaches back a whole word at least, and not further than the history', () => {
    expect(distances).toEqual([...new Set(distances)].sort((a, b) => a - b));
    expect(distances[0]).toBeGreaterThanOrEqual(8);
    const [history = 0] = define(`SLUICE_${name}_HISTORY`);
    expect(history).toBe(Math.ceil(longest / 64) * 64);
  });
});
