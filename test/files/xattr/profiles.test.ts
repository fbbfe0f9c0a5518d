import { describe, expect, it } from 'vitest';
import type { ComposedValue } from '../../../lib/files/xattr/profiles/profile.js';
import { formats, profiles } from '../../../lib/files/xattr/profiles/table.js';
import { algorithms } from '../../../lib/index.js';
import { Random } from '../../helpers/random.js';

const version = { size: 1024n, mtimeNs: 1_763_730_000_123_456_789n };
const adler: ComposedValue = { algorithm: 'adler32', value: 0x8d6d55bn, origin: 'written' };

describe('the bytes of', () => {
  it('storm and human: eight lower-case digits', () => {
    expect(formats.storm.compose([adler], version).toString()).toBe('08d6d55b');
    expect(formats.human.compose([{ ...adler, algorithm: 'crc32', value: 1n }], version).toString()).toBe(
      '00000001',
    );
  });

  it('xrdcks: 96 of them', () => {
    const content = formats.xrdcks.compose([adler], version);
    const delay = content.readInt32BE(24);
    content.fill(0, 24, 28);
    expect(content.toString('hex')).toBe(
      `${Buffer.from('adler32').toString('hex')}${'00'.repeat(9)}${'0000000069206250'}00000000` +
        `00000004${'08d6d55b'}${'00'.repeat(60)}`,
    );
    expect(delay).toBeGreaterThan(0);
  });

  it('sluice: a line of text', () => {
    const values: ComposedValue[] = [{ algorithm: 'crc64nvme', value: 1n, origin: 'reread' }, adler];
    expect(formats.sluice.compose(values, version).toString()).toBe(
      'v1 size=1024 mtime=1763730000123456789 adler32=08d6d55b/written crc64nvme=0000000000000001/reread',
    );
  });
});

describe.each(profiles)('%s', (profile) => {
  const { attributes, compose, parse } = formats[profile];
  const kept = algorithms.filter((name) => attributes[name] !== undefined);
  const dated = profile === 'sluice' || profile === 'xrdcks';

  it.each(kept)('reads the %s that it wrote, and whether the file is still the same', (algorithm) => {
    const value = { algorithm, value: 0x1234n, origin: 'written' } as const;
    const before = { ...version, mtimeNs: -1n }; // 1969
    for (const now of [version, before]) {
      const [read, ...others] = parse(compose([value], now), algorithm, now) ?? [];
      expect(others).toEqual([]);
      expect(read).toMatchObject({ algorithm, value: 0x1234n, state: dated ? 'fresh' : 'undated' });
    }
    const later = { ...version, mtimeNs: version.mtimeNs + 1_000_000_000n };
    expect(parse(compose([value], version), algorithm, later)?.[0]?.state).toBe(dated ? 'stale' : 'undated');
  });

  it.each(kept)('takes no bytes for another value of %s', (algorithm) => {
    const random = new Random(0xa77 + profiles.indexOf(profile));
    const value = { algorithm, value: 0x1234n, origin: 'written' } as const;
    const good = compose([value], version);
    let malformed = 0;
    for (let round = 0; round < 3000; round++) {
      // Mutilated content: bytes changed, cut off, put in, or nothing but chance.
      let bytes: Buffer = Buffer.from(good);
      const mutation = random.below(4);
      if (mutation === 0) bytes[random.below(bytes.length)] = random.below(256);
      if (mutation === 1) bytes = bytes.subarray(0, random.below(bytes.length));
      if (mutation === 2) {
        const at = random.below(bytes.length + 1);
        bytes = Buffer.concat([bytes.subarray(0, at), random.bytes(1 + random.below(3)), bytes.subarray(at)]);
      }
      if (mutation === 3) bytes = random.bytes(random.below(120));
      const stated = parse(bytes, algorithm, version);
      if (stated === undefined) malformed += 1;
      // What is read is in the range of its algorithm, and says again what was read.
      for (const each of stated ?? []) {
        expect(kept).toContain(each.algorithm);
        expect(each.value).toBeLessThan(1n << (each.algorithm === 'crc64nvme' ? 64n : 32n));
        const again = compose([{ ...each, origin: each.origin ?? 'reread' }], version);
        expect(parse(again, each.algorithm, version)?.[0]?.value).toBe(each.value);
      }
    }
    expect(malformed).toBeGreaterThan(1000);
  });
});

it.each([
  ['sluice', ''],
  ['sluice', 'v2 size=1 mtime=1 adler32=00000001/written'],
  ['sluice', 'v1 size=1 mtime=1'],
  ['sluice', 'v1 size=1 mtime=1 adler32=1/written'],
  ['sluice', 'v1 size=1 mtime=1 adler32=00000001/written adler32=00000002/written'],
  ['sluice', 'v1 size=1 mtime=1 adler32=00000001'],
  ['sluice', 'v1 size=1 mtime=1 adler32=00000001/'],
  ['sluice', 'v1 size=1 mtime=1 adler32=0000000G/written'],
  ['sluice', 'v1 size=1 mtime=1 adler32=0000000A/written'],
  ['sluice', 'v1 mtime=1 adler32=00000001/written'],
  ['sluice', 'v1 size=1 adler32=00000001/written'],
  ['sluice', 'v1 size=-1 mtime=1 adler32=00000001/written'],
  ['sluice', 'v1 size=1 size=1 mtime=1 adler32=00000001/written'],
  ['sluice', 'v1 size=1 mtime=1 rot=1 rot=1'],
  ['sluice', 'v1 size=1 mtime=1 rot=soon'],
  ['sluice', 'v1 size=1 mtime=1  adler32=00000001/written'],
  ['sluice', 'v1 size=1 mtime=1 adler32=00000001/written quarantined'],
  ['sluice', `v1 size=1 mtime=1 adler32=00000001/written note=${'x'.repeat(1024)}`],
  ['sluice', 'v1 size=1 mtime=1 adler32=00000001/written\n'],
  ['storm', ''],
  ['storm', '123456789'],
  ['storm', '0x123456'],
  ['storm', '08d6d55b\n'],
  ['human', 'none'],
  ['xrdcks', 'a'.repeat(96)],
] as const)('%s finds %j malformed', (profile, text) => {
  expect(formats[profile].parse(Buffer.from(text), 'adler32', version)).toBeUndefined();
});

it.each(['1', 'a1B2', '00000001'])('storm and human accept %s', (text) => {
  for (const profile of ['storm', 'human'] as const) {
    expect(formats[profile].parse(Buffer.from(text), 'adler32', version)?.[0]?.value).toBe(
      BigInt(`0x${text}`),
    );
  }
});

it('xrdcks knows the record of another algorithm, and a value of another length', () => {
  const crc = formats.xrdcks.compose([{ ...adler, algorithm: 'crc32c' }], version);
  expect(formats.xrdcks.parse(crc, 'adler32', version)).toBeUndefined();
  crc.write('adler32\0', 'latin1');
  expect(formats.xrdcks.parse(crc, 'adler32', version)).toHaveLength(1);
  crc.writeInt8(16, 31);
  expect(formats.xrdcks.parse(crc, 'adler32', version)).toBeUndefined();
});
