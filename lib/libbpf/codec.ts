/** How values lie in memory: codecs for the keys and values of maps, the records of buffers, and variables. */

import { isNativeError, isUint8Array } from 'node:util/types';
import { SluiceError } from '../errors/errors.js';
import { bad, shown, uint8Array } from './arguments.js';
import { unsigned32 } from './integers.js';

/** Reads and writes values of a fixed size, in the byte order of the machine (x86-64 and arm64: little-endian). */
export interface Codec<T> {
  /** In bytes. */
  readonly size: number;
  read(from: DataView, at: number): T;
  write(to: DataView, at: number, value: T): void;
}

const littleEndian = true;

/** What DataView would store modulo 2^n is refused. */
function number(
  size: number,
  min: number,
  max: number,
  read: (from: DataView, at: number) => number,
  write: (to: DataView, at: number, value: number) => void,
): Codec<number> {
  return guarded({
    size,
    read,
    write(to, at, value) {
      if (!Number.isInteger(value) || value < min || value > max) throw outOfRange(value, min, max);
      write(to, at, value);
    },
  });
}

function bigint(
  min: bigint,
  max: bigint,
  read: (from: DataView, at: number) => bigint,
  write: (to: DataView, at: number, value: bigint) => void,
): Codec<bigint> {
  return guarded({
    size: 8,
    read,
    write(to, at, value) {
      if (typeof value !== 'bigint' || value < min || value > max) throw outOfRange(value, min, max);
      write(to, at, value);
    },
  });
}

/** @internal */
export function outOfRange(value: unknown, min: number | bigint, max: number | bigint): SluiceError {
  return misfit(value, `${typeof min === 'bigint' ? 'a bigint' : 'an integer'} from ${min} to ${max}`);
}

/** @internal */
export function misfit(value: unknown, expected: string): SluiceError {
  return new SluiceError('ERR_SLUICE_VALUE', `${shown(value)} (${typeof value}) is not ${expected}`);
}

/**
 * A codec of ours: whatever a value or a view does to it, what it throws is a SluiceError.
 *
 * @internal
 */
export function guarded<T>({ size, read, write }: Codec<T>): Codec<T> {
  return {
    size,
    read(from, at) {
      try {
        return read(from, at);
      } catch (cause) {
        throw refusalOf('The bytes do not fit their type', cause);
      }
    },
    write(to, at, value) {
      try {
        write(to, at, value);
      } catch (cause) {
        throw refusalOf('The value does not fit its type', cause);
      }
    },
  };
}

/** @internal */
export function expectCodec<T extends { [part in keyof Codec<unknown>]: unknown }>(codec: T): T {
  try {
    const { size, read, write } = codec;
    if (
      Number.isSafeInteger(size) &&
      Number(size) >= 0 &&
      typeof read === 'function' &&
      typeof write === 'function'
    ) {
      return codec;
    }
  } catch (cause) {
    throw bad(`A codec has a size, read() and write(), unlike ${shown(codec)}`, cause);
  }
  throw bad(`A codec has a size, read() and write(), unlike ${shown(codec)}`);
}

export const u8: Codec<number> = number(
  1,
  0,
  0xff,
  (from, at) => from.getUint8(at),
  (to, at, value) => to.setUint8(at, value),
);
export const i8: Codec<number> = number(
  1,
  -0x80,
  0x7f,
  (from, at) => from.getInt8(at),
  (to, at, value) => to.setInt8(at, value),
);
export const u16: Codec<number> = number(
  2,
  0,
  0xffff,
  (from, at) => from.getUint16(at, littleEndian),
  (to, at, value) => to.setUint16(at, value, littleEndian),
);
export const i16: Codec<number> = number(
  2,
  -0x8000,
  0x7fff,
  (from, at) => from.getInt16(at, littleEndian),
  (to, at, value) => to.setInt16(at, value, littleEndian),
);
export const u32: Codec<number> = number(
  4,
  0,
  0xffff_ffff,
  (from, at) => from.getUint32(at, littleEndian),
  (to, at, value) => to.setUint32(at, value, littleEndian),
);
export const i32: Codec<number> = number(
  4,
  -0x8000_0000,
  0x7fff_ffff,
  (from, at) => from.getInt32(at, littleEndian),
  (to, at, value) => to.setInt32(at, value, littleEndian),
);
export const u64: Codec<bigint> = bigint(
  0n,
  2n ** 64n - 1n,
  (from, at) => from.getBigUint64(at, littleEndian),
  (to, at, value) => to.setBigUint64(at, value, littleEndian),
);
export const i64: Codec<bigint> = bigint(
  -(2n ** 63n),
  2n ** 63n - 1n,
  (from, at) => from.getBigInt64(at, littleEndian),
  (to, at, value) => to.setBigInt64(at, value, littleEndian),
);
/** Stored as the nearest value that a `float` has. */
export const f32: Codec<number> = guarded({
  size: 4,
  read: (from, at) => from.getFloat32(at, littleEndian),
  write(to, at, value) {
    if (typeof value !== 'number' || (Number.isFinite(value) && !Number.isFinite(Math.fround(value)))) {
      throw misfit(value, 'a number within the range of a float');
    }
    to.setFloat32(at, value, littleEndian);
  },
});
export const f64: Codec<number> = guarded({
  size: 8,
  read: (from, at) => from.getFloat64(at, littleEndian),
  write(to, at, value) {
    if (typeof value !== 'number') throw misfit(value, 'a number');
    to.setFloat64(at, value, littleEndian);
  },
});
export const bool: Codec<boolean> = guarded({
  size: 1,
  read: (from, at) => from.getUint8(at) !== 0,
  write(to, at, value) {
    if (typeof value !== 'boolean') throw misfit(value, 'a boolean');
    to.setUint8(at, value ? 1 : 0);
  },
});

/** `size` bytes as they are. Reading copies them. */
export function bytes(size: number): Codec<Uint8Array> {
  return guarded({
    size: unsigned32('The size of bytes', size),
    read: (from, at) => Buffer.copyBytesFrom(new Uint8Array(from.buffer, from.byteOffset + at, size)),
    write(to, at, value) {
      if (!isUint8Array(value)) throw misfit(value, 'a Uint8Array');
      expectLength(value.byteLength, size, 'bytes');
      new Uint8Array(to.buffer, to.byteOffset + at, size).set(value);
    },
  });
}

/** A `char[size]`: UTF-8 up to the first NUL, or to its end. Text that would not come out as it went in is refused. */
export function text(size: number): Codec<string> {
  return guarded({
    size: unsigned32('The size of text', size),
    read(from, at) {
      const all = Buffer.from(from.buffer, from.byteOffset + at, size);
      const end = all.indexOf(0);
      return all.toString('utf8', 0, end < 0 ? size : end);
    },
    write(to, at, value) {
      if (typeof value !== 'string') throw misfit(value, 'a string');
      const given = Buffer.from(value);
      if (given.includes(0) || given.toString() !== value) throw misfit(value, 'Unicode text without NUL');
      if (given.length > size) expectLength(given.length, size, 'bytes of text at most');
      const room = new Uint8Array(to.buffer, to.byteOffset + at, size);
      room.fill(0);
      room.set(given);
    },
  });
}

/** `length` values one after the other. */
export function array<T>(element: Codec<T>, length: number): Codec<T[]> {
  return guarded({
    size: expectCodec(element).size * unsigned32('The length of an array', length),
    read: (from, at) => Array.from({ length }, (_, i) => element.read(from, at + i * element.size)),
    write(to, at, values) {
      if (!Array.isArray(values) && !ArrayBuffer.isView(values)) throw misfit(values, 'an array');
      expectLength(values.length, length, 'elements');
      for (const [i, value] of values.entries()) element.write(to, at + i * element.size, value);
    },
  });
}

function expectLength(given: number, expected: number, what: string): void {
  if (given !== expected) {
    throw new SluiceError(
      'ERR_SLUICE_VALUE',
      `The value has ${given} where there is room for ${expected} ${what}`,
    );
  }
}

/** The bytes of a value. */
export function encode<T>(codec: Codec<T>, value: T): Uint8Array {
  expectCodec(codec);
  try {
    const to = new Uint8Array(codec.size);
    codec.write(new DataView(to.buffer), 0, value);
    return to;
  } catch (cause) {
    throw refusalOf('The value does not fit its type', cause);
  }
}

/** The value that the bytes hold. There may be more of them: a perf buffer pads its samples. */
export function decode<T>(codec: Codec<T>, from: Uint8Array): T {
  const { size } = expectCodec(codec);
  const given = uint8Array('What is decoded', from).byteLength;
  if (given < size) {
    throw new SluiceError('ERR_SLUICE_VALUE', `There are ${given} bytes where ${size} are expected`);
  }
  try {
    return codec.read(new DataView(from.buffer, from.byteOffset, from.byteLength), 0);
  } catch (cause) {
    throw refusalOf('The bytes do not fit their type', cause);
  }
}

/** What a codec throws: its own refusal, or whatever else went wrong in it. */
function refusalOf(what: string, cause: unknown): SluiceError {
  // Asked first, because a proxy may not answer what it is an instance of.
  const error = isNativeError(cause);
  if (error && cause instanceof SluiceError) return cause;
  const reason = error ? cause.message : shown(cause);
  return new SluiceError('ERR_SLUICE_VALUE', `${what} (${reason})`, { cause });
}
