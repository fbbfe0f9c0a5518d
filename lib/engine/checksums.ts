import { SluiceError } from '../errors/errors.js';
import { type AlgorithmName, checkValue, combine, initialValue, toHex } from './algorithms.js';

export interface ChecksumValue {
  readonly value: bigint;
  /** Lower-case hexadecimal, 8 digits (16 for crc64nvme). */
  readonly hex: string;
}

/** Values by algorithm, as a plain object. */
export type PlainChecksums = Readonly<Partial<Record<AlgorithmName, bigint>>>;

/**
 * The checksums of some bytes, by algorithm. It does not change; each algorithm that it has a value of is a property:
 * `checksums.adler32?.hex`.
 */
export class Checksums implements Iterable<[AlgorithmName, bigint]> {
  declare readonly adler32?: ChecksumValue;
  declare readonly crc32?: ChecksumValue;
  declare readonly crc32c?: ChecksumValue;
  declare readonly crc64nvme?: ChecksumValue;

  /**
   * @param values pairs of algorithm and value, as other checksums are, or a plain object
   * @throws SluiceError ERR_SLUICE_ALGORITHM, and ERR_SLUICE_OPTION for what is no value of its algorithm
   */
  constructor(values: Iterable<readonly [AlgorithmName, bigint]> | PlainChecksums) {
    const pairs =
      Symbol.iterator in values ? values : (Object.entries(values) as Iterable<[AlgorithmName, bigint]>);
    const properties = this as Partial<Record<AlgorithmName, ChecksumValue>>;
    for (const [name, value] of pairs) {
      checkValue(name, value);
      properties[name] = Object.freeze({ value, hex: toHex(name, value) });
    }
    Object.freeze(this);
  }

  /** Those of no bytes at all. */
  static ofNothing(names: readonly AlgorithmName[]): Checksums {
    return new Checksums(names.map((name) => [name, initialValue(name)]));
  }

  get(name: AlgorithmName): bigint | undefined {
    return this[name]?.value;
  }

  /** Lower-case hexadecimal, 8 digits (16 for crc64nvme). */
  hex(name: AlgorithmName): string | undefined {
    return this[name]?.hex;
  }

  /** The algorithms that there are values of. */
  keys(): AlgorithmName[] {
    return Object.keys(this) as AlgorithmName[];
  }

  /** Pairs of algorithm and value. */
  *entries(): Generator<[AlgorithmName, bigint], void, undefined> {
    for (const name of this.keys()) yield [name, this.get(name) as bigint];
  }

  [Symbol.iterator](): Generator<[AlgorithmName, bigint], void, undefined> {
    return this.entries();
  }

  /** Those of some of the algorithms; what there is no value of is left out. */
  only(names: readonly AlgorithmName[]): Checksums {
    return new Checksums([...this].filter(([name]) => names.includes(name)));
  }

  /**
   * The checksums of these bytes and those that follow them.
   *
   * @param other of the bytes that follow; it may have values of other algorithms besides
   * @param length how many follow
   * @throws SluiceError ERR_SLUICE_OPTION where it lacks one of the algorithms, or what is given is no length
   */
  append(other: Checksums, length: number | bigint): Checksums {
    return new Checksums(
      this.keys().map((name) => {
        const value = other.get(name);
        if (value === undefined) {
          throw new SluiceError('ERR_SLUICE_OPTION', `The checksums to append have no value of ${name}`);
        }
        return [name, combine(name, this.get(name) as bigint, value, length)];
      }),
    );
  }

  /** For JSON, whose numbers hold 53 bits: values are decimal text. */
  toJSON(): Record<string, { hex: string; value: string }> {
    return Object.fromEntries(
      Object.entries(this).map(([name, { hex, value }]) => [name, { hex, value: String(value) }]),
    );
  }
}
