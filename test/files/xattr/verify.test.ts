import { closeSync, fstatSync, openSync, statSync, utimesSync, writeFileSync, writeSync } from 'node:fs';
import { expect, it, onTestFinished } from 'vitest';
import { setAttribute } from '../../../lib/files/xattr/attributes.js';
import {
  fillChecksums,
  readChecksums,
  storeChecksums,
  Throttle,
  verifyChecksums,
} from '../../../lib/files/xattr/index.js';
import { checksum } from '../../../lib/index.js';
import { native } from '../../../lib/native/index.js';
import { fileOf, openDescriptors, temporaryFolder } from '../../helpers/files.js';
import { plantRot } from './rot.js';

const folder = temporaryFolder();

function opened(content: Uint8Array | number = 1000): { path: string; fd: number } {
  const path = fileOf(folder, content);
  const fd = openSync(path, 'r');
  onTestFinished(() => closeSync(fd));
  return { path, fd };
}

it('a verification finds values right, and reads no file without any', async () => {
  const { fd } = opened();
  expect(await verifyChecksums(fd)).toEqual({ verdict: 'missing', bytes: 0, checksums: [] });
  await fillChecksums(fd, { profiles: ['sluice', 'storm'], algorithms: ['adler32', 'crc64nvme'] });
  const { verdict, bytes, checksums } = await verifyChecksums(fd);
  expect({ verdict, bytes, count: checksums.length }).toEqual({ verdict: 'ok', bytes: 1000, count: 3 });
  expect(await verifyChecksums(fd, { profiles: ['human'] })).toMatchObject({ verdict: 'missing' });
});

it('rot is told from a change', async () => {
  const { path, fd } = opened();
  await fillChecksums(fd, { profiles: ['sluice', 'storm', 'xrdcks'] });
  plantRot(path, 500);
  const hex = (await checksum(path)).hex;
  expect(await verifyChecksums(fd)).toMatchObject({
    verdict: 'rot',
    checksums: [{ computed: hex }, { computed: hex }, { computed: hex }],
  });
  utimesSync(path, 1, 1);
  expect((await verifyChecksums(fd)).verdict).toBe('stale');
  // Without a time nobody can tell.
  expect((await verifyChecksums(fd, { profiles: ['storm'] })).verdict).toBe('rot');
});

it('one right value does not stand for all', async () => {
  const { fd } = opened();
  await fillChecksums(fd);
  await storeChecksums(fd, { adler32: 1n }, { profiles: ['storm'] });
  expect((await verifyChecksums(fd)).verdict).toBe('rot');
  await setAttribute(fd, 'user.storm.checksum.adler32', Buffer.from('x'));
  expect((await verifyChecksums(fd)).verdict).toBe('malformed');
});

it('onProgress is told of all bytes so far, piece after piece', async () => {
  const mebibyte = 2 ** 20;
  const { fd } = opened(Buffer.alloc(5 * mebibyte));
  const seen = new Set<number>();
  const throttle = new Throttle(20 * mebibyte);
  const way = { throttle, onProgress: (bytes: number) => seen.add(bytes) };
  for (const work of [fillChecksums, verifyChecksums]) {
    seen.clear();
    await work(fd, way);
    expect([...seen]).toEqual([...seen].sort((a, b) => a - b));
    expect([...seen]).toEqual(expect.arrayContaining([2 * mebibyte, 4 * mebibyte, 5 * mebibyte]));
  }
});

it('a verification tells what summed the file, and nothing of that where nothing was read', async () => {
  const { fd } = opened();
  expect(await verifyChecksums(fd)).toEqual({ verdict: 'missing', bytes: 0, checksums: [] });
  const how = { bytes: fstatSync(fd).size, cache: 'used', backend: 'userspace', backendReason: 'asked for' };
  expect(await fillChecksums(fd, { engine: 'userspace' })).toMatchObject(how);
  expect(await verifyChecksums(fd, { engine: 'userspace' })).toMatchObject(how);
});

it('a file that somebody writes to gets no verdict', async () => {
  const { path, fd } = opened();
  await fillChecksums(fd);
  const other = openSync(path, 'r+');
  await expect(verifyChecksums(fd)).rejects.toMatchObject({ code: 'ERR_SLUICE_WRITER' });
  closeSync(other);
  expect((await verifyChecksums(fd)).verdict).toBe('ok');
});

it('a file summed in pieces has the value of the whole, and is read no faster than allowed', async () => {
  const size = 20_000_000;
  const { path, fd } = opened(size);
  const before = openDescriptors();
  const rate = 40e6;
  const start = performance.now();
  const algorithms = ['adler32', 'crc32', 'crc32c', 'crc64nvme'] as const;
  const throttle = new Throttle(rate);
  const filled = await fillChecksums(fd, { algorithms, throttle });
  const seconds = (performance.now() - start) / 1000;
  expect(seconds).toBeGreaterThan((size - throttle.piece) / rate - 0.01);
  expect(filled.checksums).toEqual((await checksum(path, { algorithms })).checksums);
  expect(openDescriptors()).toEqual(before);
});

it('a verification is abandoned while it waits for its turn', async () => {
  const { fd } = opened(5_000_000);
  const controller = new AbortController();
  const filling = fillChecksums(fd, { throttle: new Throttle(1e6), signal: controller.signal });
  setTimeout(() => controller.abort(), 50);
  await expect(filling).rejects.toMatchObject({ code: 'ERR_SLUICE_ABORTED' });
  expect(await readChecksums(fd)).toEqual([]);
});

it('a write between two pieces is noticed', async () => {
  const { path, fd } = opened(5_000_000);
  const filling = fillChecksums(fd, { throttle: new Throttle(5e6) });
  setTimeout(() => writeFileSync(path, 'x', { flag: 'r+' }), 300);
  await expect(filling).rejects.toMatchObject({ code: 'ERR_SLUICE_CHANGED' });
  expect(await readChecksums(fd)).toEqual([]);
});

it('two versions are not mixed, though a writer puts mtime back between two pieces', async () => {
  const { path, fd } = opened(5_000_000);
  const throttle = (during: () => void) => {
    let pieces = 0;
    return new (class extends Throttle {
      override async take() {
        if (++pieces === 2) during();
      }
    })(1e6);
  };
  const rewrite = () => {
    const { atimeNs, mtimeNs } = statSync(path, { bigint: true });
    const writer = openSync(path, 'r+');
    for (const at of [0, 4_000_000]) writeSync(writer, 'another', at);
    native.setTimes(writer, atimeNs, mtimeNs);
    closeSync(writer);
  };
  const changed = { code: 'ERR_SLUICE_CHANGED' };
  await expect(fillChecksums(fd, { throttle: throttle(rewrite) })).rejects.toMatchObject(changed);
  expect(await readChecksums(fd)).toEqual([]);
  await fillChecksums(fd);
  await expect(verifyChecksums(fd, { throttle: throttle(rewrite) })).rejects.toMatchObject(changed);
});

it('a record of whole seconds is not stored within the second of the last write', async () => {
  const { path, fd } = opened();
  utimesSync(path, new Date(), new Date());
  await fillChecksums(fd, { profiles: ['xrdcks'] });
  writeFileSync(path, 'another', { flag: 'r+' });
  expect(await readChecksums(fd)).toMatchObject([{ state: 'stale' }]);
});

it('a verification says what it read through', async () => {
  const { fd } = opened();
  await fillChecksums(fd);
  expect((await verifyChecksums(fd)).cache).toBe('used');
  expect((await verifyChecksums(fd, { cache: 'bypass' })).cache).toMatch(/^(bypassed|fell-back)$/);
});

it('an empty file is summed', async () => {
  const { fd } = opened(Buffer.alloc(0));
  expect([...(await fillChecksums(fd)).checksums]).toEqual([['adler32', 1n]]);
  expect((await verifyChecksums(fd)).verdict).toBe('ok');
});

it('a file whose values have no place is not read', async () => {
  const { fd } = opened();
  const throttle = new (class extends Throttle {
    override async take() {
      throw new Error('it is read');
    }
  })(1);
  const options = { profiles: ['sluice', 'storm'], algorithms: ['crc32'], throttle } as const;
  await expect(fillChecksums(fd, options)).rejects.toMatchObject({ code: 'ERR_SLUICE_OPTION' });
});

it('a stale value leaves no trace when it is filled anew', async () => {
  const { path, fd } = opened();
  const all = {
    profiles: ['storm', 'human', 'xrdcks', 'sluice'],
    algorithms: ['adler32', 'crc32c'],
  } as const;
  await fillChecksums(fd, all);
  const change = (content: string) => {
    writeFileSync(path, content);
    utimesSync(path, 1, content.length);
  };
  change('another');
  expect((await verifyChecksums(fd)).verdict).toBe('stale');
  await fillChecksums(fd);
  expect(await verifyChecksums(fd)).toMatchObject({ verdict: 'ok', checksums: { length: 7 } });
  // What is not computed could not be told from rot any more.
  change('yet another');
  await fillChecksums(fd, { profiles: ['sluice'], algorithms: ['crc32c'] });
  const left = (await readChecksums(fd)).map((each) => `${each.profile} ${each.attribute} ${each.state}`);
  expect(left).toEqual([
    'sluice user.sluice fresh',
    'xrdcks user.XrdCks.adler32 stale',
    'xrdcks user.XrdCks.crc32c stale',
    'human user.XrdCks.Human.CRC32C undated',
  ]);
  expect((await verifyChecksums(fd)).verdict).toBe('stale');
});

it('a file that was rotten before it is filled anew is rotten afterwards', async () => {
  const { path, fd } = opened();
  await fillChecksums(fd, { profiles: ['storm'] });
  plantRot(path, 500);
  await fillChecksums(fd);
  expect((await verifyChecksums(fd)).verdict).toBe('rot');
});

it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('a rate of %d is refused', (rate) => {
  expect(() => new Throttle(rate)).toThrow(expect.objectContaining({ code: 'ERR_SLUICE_OPTION' }));
});

it('a crc32c that xrdcks keeps in the other byte order is not rot; one of another value, or of another profile, is', async () => {
  const { fd } = opened(Buffer.from('123456789'));
  const turned = 0x8392_06e3n; // of e3 06 92 83
  await storeChecksums(fd, { crc32c: turned }, { profiles: ['xrdcks'] });
  expect((await verifyChecksums(fd)).verdict).toBe('ok');
  await storeChecksums(fd, { crc32c: turned + 1n }, { profiles: ['xrdcks'] });
  expect((await verifyChecksums(fd)).verdict).toBe('rot');
  await storeChecksums(fd, { crc32c: 0xe306_9283n }, { profiles: ['xrdcks'] });
  expect((await verifyChecksums(fd)).verdict).toBe('ok');
  await storeChecksums(fd, { crc32c: turned }, { profiles: ['sluice'] });
  expect((await verifyChecksums(fd)).verdict).toBe('rot');
  const adler = (await checksum(fd)).value;
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(Number(adler));
  await storeChecksums(
    fd,
    { crc32c: 0xe306_9283n, adler32: BigInt(bytes.readUInt32BE()) },
    { profiles: ['sluice', 'xrdcks'] },
  );
  expect((await verifyChecksums(fd)).verdict).toBe('rot');
});
