/** BTF: of the kernel, of objects, from bytes. */

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Btf, btfCodec, decode, encode, openObject } from '../../lib/libbpf/index.js';
import { refused, testObject } from './support.js';

describe('Btf', () => {
  it("describes the kernel's structs", () => {
    const kernel = Btf.kernel();
    expect(kernel.size).toBeGreaterThan(10_000);
    const file = kernel.describe('file');
    expect(file?.fields.find(({ name }) => name === 'f_inode')).toMatchObject({
      type: 'struct inode *',
      bitSize: 0,
    });
    expect(kernel.describe('no_such_struct')).toBeUndefined();
    expect(kernel.hasFunction('vfs_read')).toBe(true);
    expect(kernel.hasFunction('vfs_reed')).toBe(false);
  });

  it('reads the same from bytes', () => {
    const parsed = Btf.parse(readFileSync('/sys/kernel/btf/vmlinux'));
    const kernel = Btf.kernel();
    expect(parsed.size).toBe(kernel.size);
    expect(parsed.describe('pipe_inode_info')).toEqual(kernel.describe('pipe_inode_info'));
  });

  it('describes the types of an object', () => {
    using opened = openObject(testObject('core'));
    const { btf } = opened;
    expect(btf.describe('point')).toMatchObject({ size: 40 });
    expect(btf.describe('point')?.fields.slice(0, 3)).toEqual([
      { name: 'x', type: '__s16', bitOffset: 0, bitSize: 0 },
      { name: 'y', type: '__u64', bitOffset: 64, bitSize: 0 },
      { name: 'name', type: 'char[8]', bitOffset: 128, bitSize: 0 },
    ]);
    const color = btf.find('color', 'enum');
    expect(color && btf.type(color).values).toEqual([
      { name: 'RED', value: 0 },
      { name: 'GREEN', value: 7 },
      { name: 'BLUE', value: -1 },
    ]);
  });

  it('stays usable when its object is closed', () => {
    const opened = openObject(testObject('core'));
    const { btf } = opened;
    opened.close();
    expect(btf.describe('point')).toMatchObject({ size: 40 });
  });

  it('refuses bytes that are no BTF, ids that there are not, and modules that are not loaded', () => {
    expect(refused(() => Btf.parse(Buffer.from('nonsense'))).code).toBe('ERR_SLUICE_BPF');
    const whole = readFileSync('/sys/kernel/btf/vmlinux');
    expect(refused(() => Btf.parse(whole.subarray(0, 5000))).code).toBe('ERR_SLUICE_BPF');
    expect(refused(() => Btf.kernel().type(2 ** 31)).code).toBe('ERR_SLUICE_BPF');
    expect(refused(() => Btf.module('no_such_module')).code).toBe('ERR_SLUICE_BPF');
  });

  it('gives codecs that write what they read, and refuse types that have no values', () => {
    using opened = openObject(testObject('core'));
    const id = opened.btf.find('point', 'struct');
    const codec = btfCodec(opened.btf, id ?? 0);
    const bytes = Buffer.from(Array.from({ length: 40 }, (_, i) => (i * 37) & 0x7f));
    const { octets: _, ...value } = decode(codec, bytes) as Record<string, never>;
    const again = decode(codec, encode(codec, value)) as Record<string, never>;
    expect(again).toMatchObject(value);
    expect(refused(() => encode(codec, { low: 8 })).code).toBe('ERR_SLUICE_VALUE');
    expect(refused(() => encode(codec, { middle: 1024 })).code).toBe('ERR_SLUICE_VALUE');
    for (const low of [3n, 1.5, Number.NaN, '3']) {
      expect(refused(() => encode(codec, { low })).message).toContain('is not an integer from 0 to 7');
    }
    expect(refused(() => btfCodec(opened.btf, 0)).code).toBe('ERR_SLUICE_VALUE');
    const fn = opened.btf.find('produce', 'function');
    expect(refused(() => btfCodec(opened.btf, fn ?? 0)).code).toBe('ERR_SLUICE_VALUE');
  });
});
