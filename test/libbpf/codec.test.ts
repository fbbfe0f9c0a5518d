/** Codecs: values to bytes and back. */

import { describe, expect, it } from 'vitest';
import {
  array,
  bool,
  bytes,
  type Codec,
  decode,
  encode,
  f32,
  f64,
  i8,
  i16,
  i32,
  i64,
  text,
  u8,
  u16,
  u32,
  u64,
} from '../../lib/libbpf/index.js';
import { refused } from './support.js';

const integers: [string, Codec<number>, number, number][] = [
  ['u8', u8, 0, 255],
  ['i8', i8, -128, 127],
  ['u16', u16, 0, 65535],
  ['i16', i16, -32768, 32767],
  ['u32', u32, 0, 4294967295],
  ['i32', i32, -2147483648, 2147483647],
];

describe('codecs', () => {
  it.each(integers)('%s keeps its bounds and refuses what lies beyond', (_, codec, min, max) => {
    for (const value of [min, 0, max]) expect(decode(codec, encode(codec, value))).toBe(value);
    for (const value of [min - 1, max + 1, 0.5, Number.NaN, '1' as never, 1n as never]) {
      expect(refused(() => encode(codec, value)).code).toBe('ERR_SLUICE_VALUE');
    }
  });

  it.each([
    ['u64', u64, 0n, 2n ** 64n - 1n],
    ['i64', i64, -(2n ** 63n), 2n ** 63n - 1n],
  ] as [string, Codec<bigint>, bigint, bigint][])('%s likewise', (_, codec, min, max) => {
    for (const value of [min, 1n, max]) expect(decode(codec, encode(codec, value))).toBe(value);
    for (const value of [min - 1n, max + 1n, 1 as never]) {
      expect(refused(() => encode(codec, value)).code).toBe('ERR_SLUICE_VALUE');
    }
  });

  it('numbers are little-endian', () => {
    expect(Buffer.from(encode(u32, 0x01020304)).toString('hex')).toBe('04030201');
    expect(Buffer.from(encode(f32, 1)).toString('hex')).toBe('0000803f');
    expect(decode(f64, encode(f64, Math.PI))).toBe(Math.PI);
    expect(decode(bool, encode(bool, true))).toBe(true);
  });

  it('text ends at the first NUL or at its end', () => {
    expect(decode(text(4), Buffer.from('ab\0d'))).toBe('ab');
    expect(decode(text(4), Buffer.from('abcd'))).toBe('abcd');
    expect(Buffer.from(encode(text(4), 'ab'))).toEqual(Buffer.from('ab\0\0'));
    expect(refused(() => encode(text(4), 'äöü')).code).toBe('ERR_SLUICE_VALUE');
  });

  it('arrays and bytes have as many elements as they say', () => {
    expect(decode(array(u16, 2), encode(array(u16, 2), [1, 2]))).toEqual([1, 2]);
    expect(refused(() => encode(array(u16, 2), [1])).code).toBe('ERR_SLUICE_VALUE');
    expect(decode(bytes(3), Buffer.from('abc'))).toEqual(Buffer.from('abc'));
    expect(refused(() => encode(bytes(3), Buffer.from('ab'))).code).toBe('ERR_SLUICE_VALUE');
  });

  it('reads from where the bytes lie, ignores what follows, and refuses too few', () => {
    const all = Buffer.from([9, 9, 1, 0, 0, 0, 7]);
    expect(decode(u32, all.subarray(2))).toBe(1);
    expect(refused(() => decode(u64, all)).code).toBe('ERR_SLUICE_VALUE');
  });

  it.each<[string, Codec<never>, unknown[]]>([
    ['bytes', bytes(4) as Codec<never>, [new ArrayBuffer(4), new DataView(new ArrayBuffer(4)), '1234']],
    ['bytes', bytes(4) as Codec<never>, [Uint16Array.of(1, 2), Uint16Array.of(1, 2, 3, 4), [1, 2, 3, 4]]],
    ['f64', f64 as Codec<never>, ['abc', '1', 1n, true, undefined, null]],
    ['f32', f32 as Codec<never>, ['1', 1e300, -3.5e38]],
    ['bool', bool as Codec<never>, ['false', 'true', 0, 1, null]],
    ['text', text(8) as Codec<never>, ['ab\0cd', 'ab\0', 'a\ud800', 12, Buffer.from('ab'), [65]]],
  ])('%s refuses what it could store only in part, or as something else', (_, codec, values) => {
    for (const value of values) {
      expect(refused(() => encode(codec, value as never)).code).toBe('ERR_SLUICE_VALUE');
    }
  });

  it('floats keep what is no finite number, and round to what they hold', () => {
    for (const value of [
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      Number.NaN,
      -0,
      3.4028234663852886e38,
    ]) {
      expect(decode(f32, encode(f32, value))).toBe(value);
      expect(decode(f64, encode(f64, value))).toBe(value);
    }
    expect(decode(f32, encode(f32, 0.1))).toBe(Math.fround(0.1));
  });

  it('what a codec throws is an error of the value', () => {
    const beyond: Codec<number> = {
      size: 1,
      read: (from, at) => from.getUint8(at + 1),
      write: () => undefined,
    };
    expect(refused(() => decode(beyond, Buffer.alloc(1)))).toMatchObject({
      code: 'ERR_SLUICE_VALUE',
      cause: expect.any(RangeError),
    });
  });
});
