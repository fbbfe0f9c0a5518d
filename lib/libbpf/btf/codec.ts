/** Codecs derived from BTF: how the values of a C type come out in JavaScript, and go in. */

import { SluiceError } from '../../errors/errors.js';
import {
  array,
  bool,
  bytes,
  type Codec,
  f32,
  f64,
  guarded,
  i8,
  i16,
  i32,
  i64,
  outOfRange,
  text,
  u8,
  u16,
  u32,
  u64,
} from '../codec.js';
import { handle } from '../handle.js';
import { Btf, type BtfType, expectDepth } from './btf.js';

/**
 * What a C value becomes: integers of up to 32 bits, enums and floats a number; 64-bit ones and pointers a bigint; a
 * `_Bool` a boolean; a `char[n]` a string; an `unsigned char[n]` bytes; a struct an object by its members' names (those
 * of anonymous members are its own); a union an object of all its readings, of which writing takes those that are given.
 */
export type BtfValue =
  | number
  | bigint
  | boolean
  | string
  | Uint8Array
  | readonly BtfValue[]
  | { readonly [member: string]: BtfValue };

const signedIntegers: Record<number, Codec<number> | Codec<bigint>> = { 1: i8, 2: i16, 4: i32, 8: i64 };
const unsignedIntegers: Record<number, Codec<number> | Codec<bigint>> = { 1: u8, 2: u16, 4: u32, 8: u64 };

/** The codec of the type `id`. */
export function btfCodec(btf: Btf, id: number): Codec<BtfValue> {
  return codecOf(handle('The BTF', Btf, btf), id, 0);
}

/** @param depth in how many others the type is contained */
function codecOf(btf: Btf, id: number, depth: number): Codec<BtfValue> {
  expectDepth(depth, id);
  const type = btf.resolve(id);
  const codec = derive(btf, type, depth);
  if (!codec) {
    throw new SluiceError(
      'ERR_SLUICE_VALUE',
      `There is no value of the type ${btf.nameOf(id)} (${type.kind})`,
    );
  }
  // Each of the codecs checks the value that it gets.
  return codec as Codec<BtfValue>;
}

function derive(btf: Btf, type: BtfType, depth: number): Codec<never> | Codec<BtfValue> | undefined {
  const size = type.size ?? 0;
  switch (type.kind) {
    case 'int':
      if (type.boolean) return bool as Codec<never>;
      return ((type.signed ? signedIntegers : unsignedIntegers)[size] ?? bytes(size)) as Codec<never>;
    case 'enum':
    case 'enum64':
      return (type.signed ? signedIntegers : unsignedIntegers)[size] as Codec<never> | undefined;
    case 'pointer':
      return u64 as Codec<never>;
    case 'float':
      return (size === 4 ? f32 : size === 8 ? f64 : undefined) as Codec<never> | undefined;
    case 'array':
      return arrayCodec(btf, type.type ?? 0, type.length ?? 0, depth);
    case 'struct':
    case 'union':
      return structCodec(btf, type, depth);
    default:
      return undefined;
  }
}

function arrayCodec(
  btf: Btf,
  element: number,
  length: number,
  depth: number,
): Codec<never> | Codec<BtfValue> {
  const { kind, name } = btf.resolve(element);
  if (kind === 'int' && name === 'char') return text(length) as Codec<never>;
  if (kind === 'int' && name === 'unsigned char') return bytes(length) as Codec<never>;
  return array(codecOf(btf, element, depth + 1), length) as Codec<never>;
}

interface Member {
  name: string;
  read(from: DataView, at: number): BtfValue;
  write(to: DataView, at: number, value: BtfValue): void;
}

/** The members of a struct, with those of its anonymous members in their place. */
function membersOf(btf: Btf, type: BtfType, depth: number, base = 0): Member[] {
  expectDepth(depth, type.id);
  return (type.members ?? []).flatMap(({ name, type: id, bitOffset, bitSize }): Member[] => {
    if (!name && bitSize === 0) return membersOf(btf, btf.resolve(id), depth + 1, base + bitOffset);
    if (bitSize > 0) return [bitField(name, base + bitOffset, bitSize, btf.resolve(id).signed === true)];
    const codec = codecOf(btf, id, depth + 1);
    const offset = (base + bitOffset) / 8;
    return [
      {
        name,
        read: (from, at) => codec.read(from, at + offset),
        write: (to, at, value) => codec.write(to, at + offset, value),
      },
    ];
  });
}

function structCodec(btf: Btf, type: BtfType, depth: number): Codec<BtfValue> {
  const members = membersOf(btf, type, depth).filter(({ name }) => name);
  const names = new Set(members.map(({ name }) => name));
  return guarded({
    size: type.size ?? 0,
    read: (from, at) => Object.fromEntries(members.map(({ name, read }) => [name, read(from, at)])),
    write(to, at, value) {
      const given = expectMembers(value, type, names);
      for (const { name, write } of members) {
        if (given[name] !== undefined) write(to, at, given[name]);
      }
    },
  });
}

function expectMembers(value: BtfValue, type: BtfType, names: ReadonlySet<string>): Record<string, BtfValue> {
  const what = `${type.kind} ${type.name || '{…}'}`;
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Uint8Array) {
    throw new SluiceError('ERR_SLUICE_VALUE', `A ${what} is given as an object of its members`);
  }
  for (const name of Object.keys(value)) {
    if (!names.has(name)) {
      throw new SluiceError(
        'ERR_SLUICE_VALUE',
        `A ${what} has no member "${name}" (it has ${[...names].join(', ')})`,
      );
    }
  }
  return value as Record<string, BtfValue>;
}

/** Bits within the bytes that hold them, counted from the least significant: little-endian. */
function bitField(name: string, bitOffset: number, bitSize: number, signed: boolean): Member {
  const first = Math.floor(bitOffset / 8);
  const last = Math.floor((bitOffset + bitSize - 1) / 8);
  const shift = BigInt(bitOffset % 8);
  const mask = ((1n << BigInt(bitSize)) - 1n) << shift;
  const wide = bitSize > 32;
  const min = signed ? -(1n << BigInt(bitSize - 1)) : 0n;
  const max = (1n << BigInt(signed ? bitSize - 1 : bitSize)) - 1n;
  const load = (from: DataView, at: number): bigint => {
    let word = 0n;
    for (let i = last; i >= first; i--) word = (word << 8n) | BigInt(from.getUint8(at + i));
    return word;
  };
  return {
    name,
    read(from, at) {
      const bits = (load(from, at) & mask) >> shift;
      const value = signed ? BigInt.asIntN(bitSize, bits) : bits;
      return wide ? value : Number(value);
    },
    write(to, at, value) {
      if (
        !(wide ? typeof value === 'bigint' : Number.isInteger(value)) ||
        BigInt(value as number | bigint) < min ||
        BigInt(value as number | bigint) > max
      ) {
        throw wide ? outOfRange(value, min, max) : outOfRange(value, Number(min), Number(max));
      }
      let word = (load(to, at) & ~mask) | ((BigInt(value as number | bigint) << shift) & mask);
      for (let i = first; i <= last; i++, word >>= 8n) to.setUint8(at + i, Number(word & 0xffn));
    },
  };
}
