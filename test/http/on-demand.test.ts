import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { readFileSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { createChecksum } from '../../lib/checksum/create-checksum.js';
import { readChecksums } from '../../lib/files/xattr/index.js';
import { OnDemandChecksums } from '../../lib/http/index.js';
import { fileOf, temporaryFolder } from '../helpers/files.js';
import { needs } from '../helpers/needs.js';
import { ask, descriptorsOf, digestsIn, rawClient, serving } from './serving.js';

needs('setfattr');

const folder = temporaryFolder();
const content = Buffer.from('123456789');

/** Counts who asks, nothing else. */
class Counted extends OnDemandChecksums {
  asked = 0;
  override compute(...how: Parameters<OnDemandChecksums['compute']>) {
    this.asked++;
    return super.compute(...how);
  }
}

function sparse(size: number): string {
  const path = fileOf(folder, 1);
  truncateSync(path, size);
  utimesSync(path, 1e9, 1e9);
  return path;
}

/** A file that takes many minutes to sum, and can't be summed without a lease on it. */
const endless = () => sparse(8 * 2 ** 40);

function isBeingSummed(path: string): boolean {
  return new RegExp(`LEASE .*:${statSync(path).ino} `).test(readFileSync('/proc/locks', 'utf8'));
}

/** By this process, so far. */
function bytesRead(): number {
  return Number(/^rchar: (\d+)$/m.exec(readFileSync('/proc/self/io', 'utf8'))?.[1]);
}

const head = (want = 'adler32') => `HEAD / HTTP/1.1\r\nHost: x\r\nWant-Digest: ${want}\r\n\r\n`;
const wanting = { 'Want-Digest': 'adler32' };

describe('values on demand', () => {
  it('are computed for HEAD, GET and a part', async () => {
    const path = fileOf(folder, 700_000);
    const hex = createChecksum('crc32c').update(readFileSync(path)).digest('hex');
    const { port } = await serving(path);
    for (const [method, range] of [
      ['HEAD', ''],
      ['GET', ''],
      ['GET', 'bytes=0-9'],
    ] as const) {
      const { headers } = await ask(port, { 'Want-Digest': 'unixsum, crc32c;q=0.5', Range: range }, method);
      expect(digestsIn(headers)).toEqual({ digest: `crc32c=${hex}` });
    }
  });

  it.each([0, 1, 262_144, 262_145, 700_000])('are hashes of %i bytes, too', async (size) => {
    const path = fileOf(folder, size);
    const base64 = (name: string) => createHash(name).update(readFileSync(path)).digest('base64');
    const { port } = await serving(path);
    const wants = { 'Want-Digest': 'sha-512, crc32c;q=0.5', 'Want-Repr-Digest': 'md5=1, sha-256=9' };
    for (const method of ['HEAD', 'GET'])
      expect(digestsIn((await ask(port, wants, method)).headers)).toEqual({
        digest: `sha-512=${base64('sha512')}`,
        'repr-digest': `sha-256=:${base64('sha256')}:`,
      });
    expect(digestsIn((await ask(port, { 'Want-Digest': 'MD5' })).headers)).toEqual({
      digest: `md5=${base64('md5')}`,
    });
  });

  it('of both kinds come of one computation, and the checksums are kept', async () => {
    const path = fileOf(folder, content);
    const onDemand = new Counted({ store: ['sluice'] });
    const { port } = await serving(path, { onDemand });
    const wants = { 'Want-Digest': 'adler32', 'Want-Repr-Digest': 'sha-256=1' };
    const sha256 = createHash('sha256').update(content).digest('base64');
    const stated = { digest: 'adler32=091e01de', 'repr-digest': `sha-256=:${sha256}:` };
    expect(digestsIn((await ask(port, wants)).headers)).toEqual(stated);
    expect(onDemand.asked).toBe(1);
    await using file = await open(path);
    expect(await readChecksums(file.fd)).toMatchObject([{ algorithm: 'adler32', hex: '091e01de' }]);
    expect(digestsIn((await ask(port, wants)).headers)).toEqual(stated);
  });

  it.each([
    [
      'that is written to, and given its old time',
      3e8,
      (path: string) => writeFileSync(path, 'x', { flag: 'r+' }),
    ],
    ['that is cut short', 8 * 2 ** 40, (path: string) => truncateSync(path, 1000)],
  ])('are not given of a file %s while it is read', async (_, size, change) => {
    const path = sparse(size);
    const { port, over } = await serving(path);
    const before = bytesRead();
    const asked = ask(port, { 'Want-Digest': 'md5' }, 'HEAD');
    await expect.poll(bytesRead).toBeGreaterThan(before + 2 ** 20);
    change(path);
    utimesSync(path, 1e9, 1e9);
    expect(digestsIn((await asked).headers)).toEqual({});
    expect(await over(1)).toMatchObject([{ uncomputed: { code: 'ERR_SLUICE_CHANGED' } }]);
    expect(descriptorsOf(path)).toBe(0);
  });

  it('leave out what only the content has, and what is not computed here', async () => {
    const onDemand = new Counted();
    const { port } = await serving(fileOf(folder, 10), { onDemand, fields: ['Digest'] });
    await ask(port, { 'Want-Content-Digest': 'adler=1' }, 'HEAD');
    await ask(port, { 'Want-Content-Digest': 'adler=1', Range: 'bytes=0-1' });
    await ask(port, { 'Want-Digest': 'unixsum, unixcksum' });
    expect(onDemand.asked).toBe(0);
  });

  it('can be switched off', async () => {
    const { port } = await serving(fileOf(folder, 10), { onDemand: false });
    expect(digestsIn((await ask(port, wanting, 'HEAD')).headers)).toEqual({});
  });

  it('are kept where that is asked for', async () => {
    const path = fileOf(folder, content);
    const { port } = await serving(path, { onDemand: new OnDemandChecksums({ store: ['sluice', 'storm'] }) });
    expect(digestsIn((await ask(port, wanting)).headers)).toEqual({ digest: 'adler32=091e01de' });
    await using file = await open(path);
    expect(await readChecksums(file.fd)).toMatchObject([
      { profile: 'sluice', algorithm: 'adler32', hex: '091e01de', state: 'fresh', origin: 'reread' },
      { profile: 'storm', hex: '091e01de' },
    ]);
    const { port: other } = await serving(path, { onDemand: false });
    expect(digestsIn((await ask(other, wanting)).headers)).toEqual({ digest: 'adler32=091e01de' });
  });

  it('hold even if they can not be kept', async () => {
    const path = fileOf(folder, content);
    execFileSync('setfattr', ['-n', 'user.full', '-v', 'x'.repeat(3900), path]); // a block of ext4 holds no more
    const { port } = await serving(path, { onDemand: new OnDemandChecksums({ store: ['storm'] }) });
    expect(digestsIn((await ask(port, wanting)).headers)).toEqual({ digest: 'adler32=091e01de' });
  });

  it.each(['adler32', 'sha-256'])(
    'are left out where there is no %s, and the result says why',
    async (want) => {
      const path = fileOf(folder, content);
      await using _ = await open(path, 'r+'); // somebody may be writing
      const { port, over } = await serving(path);
      for (const method of ['GET', 'HEAD']) {
        const { status, headers } = await ask(port, { 'Want-Digest': want }, method);
        expect([status, digestsIn(headers)]).toEqual([200, {}]);
      }
      const uncomputed = expect.objectContaining({ code: 'ERR_SLUICE_WRITER' });
      expect(await over(2)).toMatchObject([{ uncomputed }, { uncomputed }]);
    },
  );

  // A checksum opens the file again, for the lease.
  it.each([
    ['adler32', 2],
    ['sha-256', 1],
  ])('are computed once for fifty who ask for %s at once', async (want, descriptors) => {
    const path = endless();
    const onDemand = new Counted();
    const { port, over } = await serving(path, { onDemand });
    const clients = await Promise.all(Array.from({ length: 50 }, () => rawClient(port, head(want))));
    await expect.poll(() => onDemand.asked).toBe(50);
    // A sum of its own would have opened the file before this.
    await Promise.all(clients.map(() => open(path).then((file) => file.close())));
    await expect.poll(() => descriptorsOf(path)).toBe(50 + descriptors);

    // As long as one is left, it goes on.
    for (const client of clients.slice(1)) client.destroy();
    await over(49);
    expect(descriptorsOf(path)).toBe(1 + descriptors);
    clients[0]?.destroy();
    const outcomes = await over(50);
    await expect.poll(() => descriptorsOf(path)).toBe(0);
    expect(isBeingSummed(path)).toBe(false);
    for (const outcome of outcomes) expect(outcome).toMatchObject({ code: 'ERR_SLUICE_DISCONNECTED' });
  });

  it('wait for their turn, and outlive the client who asked first', async () => {
    const onDemand = new Counted({ atOnce: 1 });
    const [slow, quick] = [endless(), fileOf(folder, content)] as const;
    const [slowly, quickly] = [await serving(slow, { onDemand }), await serving(quick, { onDemand })];
    const inFront = await rawClient(slowly.port, head());
    await expect.poll(() => isBeingSummed(slow)).toBe(true);
    const first = await rawClient(quickly.port, head());
    await expect.poll(() => onDemand.asked).toBe(2);
    const second = ask(quickly.port, wanting, 'HEAD');
    await expect.poll(() => onDemand.asked).toBe(3);
    first.destroy();
    expect(await quickly.over(1)).toMatchObject([{ code: 'ERR_SLUICE_DISCONNECTED' }]);
    inFront.destroy();
    expect(digestsIn((await second).headers)).toEqual({ digest: 'adler32=091e01de' });
    await Promise.all([slowly.over(1), quickly.over(2)]);
    expect(descriptorsOf(folder)).toBe(0);
  });

  it('keep nothing open for a client that left while it waited for a turn', async () => {
    const onDemand = new Counted({ atOnce: 1 });
    const [slow, quick] = [endless(), fileOf(folder, content)] as const;
    const [slowly, quickly] = [await serving(slow, { onDemand }), await serving(quick, { onDemand })];
    const inFront = await rawClient(slowly.port, head());
    await expect.poll(() => isBeingSummed(slow)).toBe(true);
    for (let left = 1; left <= 30; left++) {
      const client = await rawClient(quickly.port, head());
      await expect.poll(() => onDemand.asked).toBe(left + 1);
      client.destroy();
      await quickly.over(left);
    }
    await expect.poll(() => descriptorsOf(quick)).toBe(0);
    expect(isBeingSummed(slow)).toBe(true);
    inFront.destroy();
    await slowly.over(1);
    expect(digestsIn((await ask(quickly.port, wanting)).headers)).toEqual({ digest: 'adler32=091e01de' });
  });

  it('are left out where a hundred files wait already', async () => {
    const onDemand = new Counted({ atOnce: 1 });
    const left = new AbortController();
    setMaxListeners(0, left.signal);
    const sum = async (path: string) => {
      await using file = await open(path);
      await onDemand.compute(file.fd, await file.stat({ bigint: true }), ['adler32'], {
        signal: left.signal,
      });
    };
    const slow = endless();
    const waiting = [sum(slow)];
    await expect.poll(() => isBeingSummed(slow)).toBe(true);
    for (let i = 0; i < 100; i++) waiting.push(sum(fileOf(folder, content)));
    const all = Promise.allSettled(waiting);
    await expect.poll(() => onDemand.asked).toBe(101);
    const { port, over } = await serving(fileOf(folder, content), { onDemand });
    expect(digestsIn((await ask(port, wanting)).headers)).toEqual({});
    expect(await over(1)).toMatchObject([{ status: 200, uncomputed: { code: 'ERR_SLUICE_LIMIT' } }]);
    left.abort();
    for (const { status } of await all) expect(status).toBe('rejected');
    await expect.poll(() => descriptorsOf(folder)).toBe(0);
    expect(digestsIn((await ask(port, wanting)).headers)).toEqual({ digest: 'adler32=091e01de' });
  });

  it('fail with a reason where the file can not be opened again', async () => {
    const stats = statSync(folder, { bigint: true });
    const { signal } = new AbortController();
    await expect(new OnDemandChecksums().compute(0x7fffffff, stats, ['adler32'], { signal })).rejects.toThrow(
      expect.objectContaining({ code: 'ERR_SLUICE_IO', message: expect.stringContaining('ENOENT') }),
    );
  });

  it('of one file by several algorithms come one after the other', async () => {
    const path = fileOf(folder, 5_000_000);
    const bytes = readFileSync(path);
    const { port } = await serving(path, { onDemand: new OnDemandChecksums({ store: ['sluice'] }) });
    const names = ['adler32', 'crc32', 'crc32c', 'adler32, crc32c;q=0.5'];
    const seen = await Promise.all(names.map((name) => ask(port, { 'Want-Digest': name }, 'HEAD')));
    const hexOf = (name: 'adler32' | 'crc32' | 'crc32c') =>
      `${name}=${createChecksum(name).update(bytes).digest('hex')}`;
    expect(seen.map(({ headers }) => headers['digest']?.slice(0, 16))).toEqual([
      hexOf('adler32'),
      hexOf('crc32').slice(0, 16),
      hexOf('crc32c').slice(0, 16),
      hexOf('adler32'),
    ]);
  });

  it.each([{ atOnce: 0 }, { atOnce: 1.5 }, { store: ['x'] }, { limit: 1 }])('refuse %j', (options) => {
    expect(() => new OnDemandChecksums(options as object)).toThrow(
      expect.objectContaining({ code: 'ERR_SLUICE_OPTION' }),
    );
  });
});
