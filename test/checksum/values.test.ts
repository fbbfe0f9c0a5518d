import { execFileSync } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { Crc64Nvme } from '@aws-sdk/crc64-nvme';
import { describe, expect, it } from 'vitest';
import { algorithms, checksum, combine, createChecksum } from '../../lib/index.js';
import { engines } from '../helpers/engines.js';
import { fileOf, temporaryFolder } from '../helpers/files.js';
import { needs } from '../helpers/needs.js';
import { reference } from '../helpers/reference.js';

needs('rhash', 'xrdadler32');

const folder = temporaryFolder();

/** Around a vector, a block of the programs, a page, the history of each CRC, the buffer and the pipe. */
const boundaries = [64, 128, 2048, 3008, 4096, 5312, 8192, 65536, 262144, 1 << 20];
const sizes = [
  0,
  1,
  2,
  3,
  7,
  8,
  9,
  ...boundaries.flatMap((size) => [size - 1, size, size + 1]),
  3 * (1 << 20) + 12345,
];

describe('checksums that are known', () => {
  const check = { adler32: '091e01de', crc32: 'cbf43926', crc32c: 'e3069283', crc64nvme: 'ae8b14860a799888' };

  it.each(engines)('are right for "123456789", in %s', async (engine) => {
    const file = fileOf(folder, Buffer.from('123456789'));
    const { checksums } = await checksum(file, { engine, algorithms });
    expect(Object.fromEntries(algorithms.map((name) => [name, checksums[name]?.hex]))).toEqual(check);
  });

  it.each(engines)('are right for no bytes at all, in %s', async (engine) => {
    const { checksums, bytes } = await checksum(fileOf(folder, 0), { engine, algorithms });
    expect(bytes).toBe(0);
    expect(checksums.adler32?.hex).toBe('00000001');
    expect(checksums.crc32?.hex).toBe('00000000');
    expect(checksums.crc64nvme?.hex).toBe('0000000000000000');
  });

  // NVM Command Set Specification 1.0a, section 5.2.1.3.5: 4096 bytes each.
  const blocks = [
    { what: 'zeros', byte: () => 0, hex: '6482d367eb22b64e' },
    { what: 'ones', byte: () => 0xff, hex: 'c0ddba7302eca3ac' },
    { what: 'bytes that rise', byte: (i: number) => i & 0xff, hex: '3e729f5f6750449c' },
    { what: 'bytes that fall', byte: (i: number) => ~i & 0xff, hex: '9a2df64b8e9e517e' },
  ];
  it.each(blocks)('are right in crc64nvme for a block of $what', async ({ byte, hex }) => {
    const file = fileOf(
      folder,
      Uint8Array.from({ length: 4096 }, (_, i) => byte(i)),
    );
    for (const engine of engines) {
      const { checksums } = await checksum(file, { engine, algorithms: ['crc64nvme'] });
      expect([engine, checksums.crc64nvme?.hex]).toEqual([engine, hex]);
    }
  });
});

describe('checksums by the definition of each algorithm', () => {
  it.each(sizes)('are those of %i random bytes', async (size) => {
    const content = randomBytes(size);
    const file = fileOf(folder, content);
    for (const engine of engines) {
      const { checksums, bytes } = await checksum(file, { engine, algorithms });
      expect(bytes).toBe(size);
      for (const name of algorithms)
        expect([engine, name, checksums[name]?.value]).toEqual([engine, name, reference(name, content)]);
    }
  });

  it('are those of bytes that make every sum as large as it can be', async () => {
    const content = Buffer.alloc(1_234_567, 0xff);
    const file = fileOf(folder, content);
    for (const engine of engines) {
      const { checksums } = await checksum(file, { engine, algorithms });
      for (const name of algorithms) expect(checksums[name]?.value).toBe(reference(name, content));
    }
  });
});

describe('checksums of other programs', () => {
  const content = randomBytes(5_000_001);
  const file = fileOf(folder, content);

  it.each(engines)('are the same of node:zlib, rhash and xrdadler32 as in %s', async (engine) => {
    const { checksums } = await checksum(file, { engine, algorithms });
    expect(checksums.crc32?.value).toBe(BigInt(crc32(content)));
    const rhash = execFileSync('rhash', ['-p', '%C %{crc32c}', file], { encoding: 'utf8' });
    expect(`${checksums.crc32?.hex} ${checksums.crc32c?.hex}`.toLowerCase()).toBe(rhash.trim().toLowerCase());
    const xrootd = execFileSync('xrdadler32', [file], { encoding: 'utf8' });
    expect(checksums.adler32?.hex).toBe(xrootd.split(' ')[0]);
  });

  it.each(sizes)('are the same in crc64nvme of S3 clients, of %i random bytes', async (size) => {
    const content = randomBytes(size);
    const theirs = new Crc64Nvme();
    theirs.update(content);
    const hex = Buffer.from(await theirs.digest()).toString('hex');
    for (const engine of engines) {
      const { checksums } = await checksum(fileOf(folder, content), { engine, algorithms: ['crc64nvme'] });
      expect([engine, checksums.crc64nvme?.hex]).toEqual([engine, hex]);
    }
  });
});

describe('checksum() of a range', () => {
  it.each(engines)('has the value of that part of the file, in %s', async (engine) => {
    const content = randomBytes(300_000);
    const file = fileOf(folder, content);
    for (let i = 0; i < 40; i++) {
      const [start, end] = [randomInt(300_001), randomInt(300_001)].sort((a, b) => a - b) as [number, number];
      for (const cache of ['use', 'bypass'] as const) {
        const { checksums, bytes } = await checksum(file, {
          engine,
          algorithms: ['adler32', 'crc32c'],
          range: { start, end },
          cache,
        });
        expect(bytes).toBe(end - start);
        const part = content.subarray(start, end);
        expect(checksums.adler32?.value).toBe(reference('adler32', part));
        expect(checksums.crc32c?.value).toBe(reference('crc32c', part));
      }
    }
  });
});

describe('checksum() on several threads', () => {
  it.each(engines)('has the value of one thread on 2, 3 and 8, in %s', async (engine) => {
    const file = fileOf(folder, 150_000_003);
    const one = await checksum(file, { engine, algorithms });
    for (const threads of [2, 3, 8]) {
      const several = await checksum(file, { engine, algorithms, threads });
      expect(several.checksums).toEqual(one.checksums);
      expect(several.bytes).toBe(150_000_003);
    }
  });
});

describe('combine and createChecksum', () => {
  it.each(algorithms)('give the %s of the whole from that of its parts', (name) => {
    const content = randomBytes(100_000);
    for (let i = 0; i < 50; i++) {
      const cut = randomInt(content.length + 1);
      const [a, b] = [content.subarray(0, cut), content.subarray(cut)];
      const sum = (bytes: Uint8Array) => createChecksum(name).update(bytes).digest();
      expect(combine(name, sum(a), sum(b), b.length)).toBe(sum(content));
      expect(createChecksum(name).update(a).update(b).digest()).toBe(sum(content));
    }
    expect(createChecksum(name).update(content).digest()).toBe(reference(name, content));
  });

  it('go on after a digest, and apart from a copy', () => {
    const one = createChecksum('adler32').update('1234');
    expect(one.digest()).toBe(reference('adler32', Buffer.from('1234')));
    const two = one.copy().update('x');
    expect(one.update('56789').digest('hex')).toBe('091e01de');
    expect(two.digest()).toBe(reference('adler32', Buffer.from('1234x')));
  });
});
