import { SluiceError } from '../errors/errors.js';
import { type AlgorithmName, type NativeAlgorithm, native } from '../native/index.js';
import { shown } from '../shown.js';

export type { AlgorithmName };

/** The table of the addon, in the order of the bits of an algorithm mask. */
const table: readonly NativeAlgorithm[] = native.algorithms();
const indices: ReadonlyMap<string, number> = new Map(table.map((row, index) => [row.name, index]));

/** The algorithms there are. */
export const algorithms: readonly AlgorithmName[] = table.map((row) => row.name);

/** The algorithm's place in the table, for the addon. Throws ERR_SLUICE_ALGORITHM for an unknown name. */
export function algorithmIndex(name: string): number {
  const index = indices.get(name);
  if (index === undefined) {
    throw new SluiceError('ERR_SLUICE_ALGORITHM', `There is no algorithm ${shown(name)}`);
  }
  return index;
}

export function algorithmMask(names: readonly string[]): number {
  return names.reduce((mask, name) => mask | (1 << algorithmIndex(name)), 0);
}

function row(name: AlgorithmName): NativeAlgorithm {
  return table[algorithmIndex(name)] as NativeAlgorithm;
}

/** The value of zero bytes. */
export function initialValue(name: AlgorithmName): bigint {
  return row(name).init;
}

/** A value as it is written: lower-case hexadecimal, 8 or 16 digits. */
export function toHex(name: AlgorithmName, value: bigint): string {
  return value.toString(16).padStart(row(name).bits / 4, '0');
}

/** Throws ERR_SLUICE_OPTION for what is no value of the algorithm. */
export function checkValue(name: AlgorithmName, value: unknown): void {
  const { bits } = row(name);
  if (typeof value !== 'bigint' || value < 0n || value >= 1n << BigInt(bits)) {
    throw new SluiceError(
      'ERR_SLUICE_OPTION',
      `${shown(value)} is not a value of ${name}: a bigint below 2^${bits} is`,
    );
  }
}

/**
 * The checksum of A followed by B, from the checksum of each.
 *
 * @param lengthOfB in bytes
 */
export function combine(name: AlgorithmName, a: bigint, b: bigint, lengthOfB: number | bigint): bigint {
  const index = algorithmIndex(name);
  for (const value of [a, b]) checkValue(name, value);
  const length =
    typeof lengthOfB === 'number' && Number.isSafeInteger(lengthOfB) ? BigInt(lengthOfB) : lengthOfB;
  if (typeof length !== 'bigint' || length < 0n || length >= 1n << 64n) {
    throw new SluiceError('ERR_SLUICE_OPTION', `${shown(lengthOfB)} is not a length in bytes`);
  }
  return native.combine(index, a, b, length);
}
