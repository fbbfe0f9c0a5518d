import { describe, expect, it } from 'vitest';
import { algorithms, Checksums, createChecksum } from '../../lib/index.js';

const bytes = Buffer.from('123456789');

function checksumsOf(data: Uint8Array, names = algorithms): Checksums {
  return new Checksums(names.map((name) => [name, createChecksum(name).update(data).digest()]));
}

describe('Checksums', () => {
  it('give a value by the name of its algorithm, as a number and in hexadecimal', () => {
    const sums = checksumsOf(bytes, ['adler32', 'crc64nvme']);
    expect(sums.get('adler32')).toBe(0x091e01den);
    expect(sums.hex('adler32')).toBe('091e01de');
    expect(sums.adler32).toEqual({ value: 0x091e01den, hex: '091e01de' });
    expect([sums.get('crc32'), sums.hex('crc32'), sums.crc32]).toEqual([undefined, undefined, undefined]);
    expect(sums.keys()).toEqual(['adler32', 'crc64nvme']);
    expect([...sums]).toEqual([
      ['adler32', 0x091e01den],
      ['crc64nvme', 0xae8b14860a799888n],
    ]);
    expect([...sums.entries()]).toEqual([...sums]);
  });

  it('are read like a plain object, here and in another thread', () => {
    const plain = { crc32c: { value: 0xe3069283n, hex: 'e3069283' } };
    const sums = checksumsOf(bytes, ['crc32c']);
    expect(Object.entries(sums)).toEqual(Object.entries(plain));
    expect(structuredClone(sums)).toEqual(plain);
  });

  it('do not change', () => {
    const sums = checksumsOf(bytes);
    expect(() => Object.assign(sums, { adler32: undefined })).toThrow(TypeError);
    expect(() => Object.assign(sums.adler32 as object, { value: 1n })).toThrow(TypeError);
  });

  it('take what follows, whatever more is known of that', () => {
    for (const at of [0, 1, 5, 9]) {
      const [head, rest] = [bytes.subarray(0, at), bytes.subarray(at)];
      expect(checksumsOf(head).append(checksumsOf(rest), rest.length)).toEqual(checksumsOf(bytes));
      const one = checksumsOf(head, ['crc32']).append(checksumsOf(rest), BigInt(rest.length));
      expect(one).toEqual(checksumsOf(bytes, ['crc32']));
    }
    expect(Checksums.ofNothing(algorithms)).toEqual(checksumsOf(Buffer.alloc(0)));
  });

  it('take nothing that lacks one of their algorithms', () => {
    const append = () => checksumsOf(bytes).append(checksumsOf(bytes, ['adler32']), 9);
    expect(append).toThrow(expect.objectContaining({ code: 'ERR_SLUICE_OPTION' }));
  });

  it('are made of a plain object, too, and of nothing that is no value', () => {
    expect(new Checksums({ adler32: 1n })).toEqual(Checksums.ofNothing(['adler32']));
    const refusals = [
      [{ adler32: 1n << 32n }, 'ERR_SLUICE_OPTION'],
      [{ adler32: 1 }, 'ERR_SLUICE_OPTION'],
      [{ md5: 1n }, 'ERR_SLUICE_ALGORITHM'],
    ] as const;
    for (const [values, code] of refusals)
      expect(() => new Checksums(values as never)).toThrow(expect.objectContaining({ code }));
  });

  it('leave out what is not asked for', () => {
    expect(checksumsOf(bytes).only(['crc32', 'adler32'])).toEqual(checksumsOf(bytes, ['adler32', 'crc32']));
    expect(checksumsOf(bytes, ['crc32']).only(['adler32']).keys()).toEqual([]);
  });

  it('become JSON with values as text', () => {
    expect(JSON.stringify(checksumsOf(bytes, ['adler32']))).toBe(
      '{"adler32":{"hex":"091e01de","value":"152961502"}}',
    );
  });
});
