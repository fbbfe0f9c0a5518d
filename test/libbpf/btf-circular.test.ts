/** BTF whose types contain themselves, which no compiler writes: it is refused, and neither loops nor recurses for ever. */

import { describe, expect, it } from 'vitest';
import { Btf, btfCodec } from '../../lib/libbpf/index.js';
import { refused } from './support.js';

const kind = { int: 1, pointer: 2, array: 3, struct: 4, typedef: 8 };

/** A `.BTF` section of types, as linux/btf.h lays them out; the name "t" is at 1. */
function section(...types: number[][]): Uint8Array {
  const body = Uint32Array.from(types.flat());
  const names = Buffer.from('\0t\0');
  const header = Buffer.alloc(24);
  header.writeUInt16LE(0xeb9f, 0);
  header.writeUInt8(1, 2);
  [header.length, 0, body.byteLength, body.byteLength, names.length].forEach((word, i) => {
    header.writeUInt32LE(word, 4 + 4 * i);
  });
  return Buffer.concat([header, Buffer.from(body.buffer), names]);
}

const t = 1;
const info = (of: number, length = 0) => (of << 24) | length;

const int = [t, info(kind.int), 4, 32];
const pointer = (to: number) => [0, info(kind.pointer), to];
const typedef = (to: number) => [t, info(kind.typedef), to];
const array = (of: number, index: number, length: number) => [0, info(kind.array), 0, of, index, length];
const struct = (name: number, size: number, ...types: number[]) => [
  name,
  info(kind.struct, types.length),
  size,
  ...types.flatMap((type) => [name, type, 0]),
];

describe('circular BTF', () => {
  it.each([
    ['a typedef of itself', section(typedef(1))],
    ['two typedefs of each other', section(typedef(2), typedef(1))],
    ['an array of itself', section(array(1, 2, 1), int)],
    ['a struct in itself', section(struct(t, 4, 1))],
    ['a struct in itself, many times', section(struct(t, 4, ...Array<number>(50).fill(1)))],
    ['an anonymous struct in itself', section(struct(0, 4, 1))],
    ['an array of structs of that array', section(array(2, 3, 1), struct(t, 4, 1), int)],
  ])('%s has no codec', (_, bytes) => {
    const btf = Btf.parse(bytes);
    expect(refused(() => btfCodec(btf, 1))).toMatchObject({ code: 'ERR_SLUICE_BPF', errno: 40 });
  });

  it('has no names of types in C', () => {
    const btf = Btf.parse(section(pointer(1), struct(t, 8, 1)));
    expect(refused(() => btf.nameOf(1))).toMatchObject({ code: 'ERR_SLUICE_BPF', errno: 40 });
    expect(refused(() => btf.describe('t')).code).toBe('ERR_SLUICE_BPF');
  });

  it('is not what refers to itself by a pointer, or is nested as deep as the limit', () => {
    const list = Btf.parse(section(struct(t, 8, 2), pointer(1)));
    expect(btfCodec(list, 1).size).toBe(8);
    const deep = Btf.parse(section(...Array.from({ length: 32 }, (_, i) => typedef(i + 2)), int));
    expect(btfCodec(deep, 1).size).toBe(4);
    const nested = Btf.parse(section(...Array.from({ length: 31 }, (_, i) => struct(t, 4, i + 2)), int));
    expect(btfCodec(nested, 1).size).toBe(4);
  });
});
