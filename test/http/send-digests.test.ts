import { execFileSync } from 'node:child_process';
import { setMaxListeners } from 'node:events';
import { readFileSync, statSync, utimesSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { createChecksum } from '../../lib/checksum/create-checksum.js';
import { OnDemandChecksums } from '../../lib/http/index.js';
import { type Profile, readChecksums, storeChecksums } from '../../lib/xattr/index.js';
import { fileOf, temporaryFolder } from '../helpers/files.js';
import { ask, descriptorsOf, rawClient, serving } from './serving.js';

const folder = temporaryFolder();
const content = Buffer.from('123456789');
const digest = { adler32: 0x091e01den, crc32c: 0xe3069283n };

/** The RFC's nine digits, with values kept under the profiles. */
async function storedFile(profiles: readonly Profile[], values = digest): Promise<string> {
  const path = fileOf(folder, content);
  utimesSync(path, 1e9, 1e9);
  await using file = await open(path);
  await storeChecksums(file.fd, values, { profiles });
  return path;
}

function digestsIn(headers: object): object {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => /digest|checksum/.test(name)));
}

describe('stored values', () => {
  it.each<[string, Record<string, string>, object]>([
    ['are not stated unasked', {}, {}],
    ['answer davix', { 'Want-Digest': 'ADLER32' }, { digest: 'adler32=091e01de' }],
    [
      'answer by weight',
      { 'Want-Digest': 'adler32;q=0.1, crc32c' },
      { digest: 'crc32c=e3069283,adler32=091e01de' },
    ],
    ['answer WLCG', { 'Want-Repr-Digest': 'adler=9' }, { 'repr-digest': 'adler=:CR4B3g==:' }],
    ['state all if none is wanted that is known', { 'Want-Digest': 'md5' }, { digest: expect.any(String) }],
    ['are not asked for by nonsense', { 'Want-Digest': '???', 'Want-Repr-Digest': ',,' }, {}],
  ])('%s', async (_, headers, expected) => {
    const { port, over } = await serving(await storedFile(['sluice']), { onDemand: false });
    for (const method of ['GET', 'HEAD'])
      expect(digestsIn((await ask(port, headers, method)).headers)).toEqual(expected);
    await over(2);
    expect(descriptorsOf(folder)).toBe(0);
  });

  it('of the file are stated with a part of it, those of the content are not', async () => {
    const { port } = await serving(await storedFile(['sluice']), {
      fields: ['Digest', 'OC-Checksum', 'x-amz-checksum'],
    });
    const wants = { 'Want-Content-Digest': 'crc32c=1', 'Want-Repr-Digest': 'crc32c=1' };
    const aboutFile = {
      digest: 'adler32=091e01de,crc32c=e3069283',
      'oc-checksum': 'ADLER32:091e01de',
      'repr-digest': 'crc32c=:4waSgw==:',
    };
    expect(digestsIn((await ask(port, wants)).headers)).toEqual({
      ...aboutFile,
      'content-digest': 'crc32c=:4waSgw==:',
      'x-amz-checksum-crc32c': '4waSgw==',
    });
    for (const seen of [ask(port, { ...wants, Range: 'bytes=0-4' }), ask(port, wants, 'HEAD')])
      expect(digestsIn((await seen).headers)).toEqual(aboutFile);
  });

  it("are written as StoRM's clients expect, if asked for", async () => {
    const { port } = await serving(await storedFile(['sluice']), { adler: 'text' });
    const { headers } = await ask(port, { 'Want-Repr-Digest': 'adler=9' });
    expect(headers).toMatchObject({ 'repr-digest': 'adler=:MDkxZTAxZGU=:' });
  });

  it('come from the profiles named, the first one first', async () => {
    const path = await storedFile(['xrdcks']);
    const asked = async (profiles?: Profile[]) => {
      const { port } = await serving(path, { onDemand: false, ...(profiles && { profiles }) });
      return (await ask(port, { 'Want-Digest': 'adler32' })).headers;
    };
    expect(digestsIn(await asked())).toEqual({});
    expect(digestsIn(await asked(['xrdcks']))).toEqual({ digest: 'adler32=091e01de' });
    await using file = await open(path);
    await storeChecksums(file.fd, { adler32: 1n }); // a wrong one tells whose is stated
    expect(digestsIn(await asked(['sluice', 'xrdcks']))).toEqual({ digest: 'adler32=00000001' });
    expect(digestsIn(await asked(['xrdcks', 'sluice']))).toEqual({ digest: 'adler32=091e01de' });
  });

  it('are not stated if they are stale, undated or malformed', async () => {
    const stale = await storedFile(['sluice', 'xrdcks']);
    utimesSync(stale, 1e9, 1e9 + 1);
    const undated = await storedFile(['storm', 'human']);
    const malformed = await storedFile(['sluice']);
    execFileSync('setfattr', ['-n', 'user.sluice', '-v', 'v1 adler32=091e01de', malformed]);
    for (const path of [stale, undated, malformed]) {
      const { port } = await serving(path, {
        profiles: ['sluice', 'xrdcks', 'storm', 'human'],
        onDemand: false,
      });
      const { status, headers } = await ask(port, { 'Want-Digest': 'adler32' });
      expect([status, digestsIn(headers)]).toEqual([200, {}]);
    }
  });
});

/** Counts who asks, nothing else. */
class Counted extends OnDemandChecksums {
  asked = 0;
  override compute(...how: Parameters<OnDemandChecksums['compute']>) {
    this.asked++;
    return super.compute(...how);
  }
}

/** A file that takes many minutes to sum, and can't be summed without a lease on it. */
function endless(): string {
  const path = fileOf(folder, 1);
  execFileSync('truncate', ['-s', '8T', path]);
  utimesSync(path, 1e9, 1e9);
  return path;
}

function isBeingSummed(path: string): boolean {
  return new RegExp(`LEASE .*:${statSync(path).ino} `).test(readFileSync('/proc/locks', 'utf8'));
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
      const { headers } = await ask(port, { 'Want-Digest': 'md5, crc32c;q=0.5', Range: range }, method);
      expect(digestsIn(headers)).toEqual({ digest: `crc32c=${hex}` });
    }
  });

  it('are none of what only the content has, and what is not computed here', async () => {
    const onDemand = new Counted();
    const { port } = await serving(fileOf(folder, 10), { onDemand, fields: ['Digest'] });
    await ask(port, { 'Want-Content-Digest': 'adler=1' }, 'HEAD');
    await ask(port, { 'Want-Content-Digest': 'adler=1', Range: 'bytes=0-1' });
    await ask(port, { 'Want-Digest': 'md5, unixsum' });
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

  it('are left out where there are none, and the result says why', async () => {
    const path = fileOf(folder, content);
    await using _ = await open(path, 'r+'); // somebody may be writing
    const { port, over } = await serving(path);
    for (const method of ['GET', 'HEAD']) {
      const { status, headers } = await ask(port, wanting, method);
      expect([status, digestsIn(headers)]).toEqual([200, {}]);
    }
    const uncomputed = expect.objectContaining({ code: 'ERR_SLUICE_WRITER' });
    expect(await over(2)).toMatchObject([{ uncomputed }, { uncomputed }]);
  });

  it('are computed once for fifty who ask at once', async () => {
    const path = endless();
    const onDemand = new Counted();
    const { port, over } = await serving(path, { onDemand });
    const clients = [await rawClient(port, head())];
    await expect.poll(() => isBeingSummed(path)).toBe(true);
    const ofOne = descriptorsOf(path); // the request's, and those of the sum
    while (clients.length < 50) clients.push(await rawClient(port, head()));
    await expect.poll(() => onDemand.asked).toBe(50);
    // A sum of its own would have opened the file before this.
    await Promise.all(clients.map(() => open(path).then((file) => file.close())));
    expect(descriptorsOf(path)).toBe(ofOne + 49);

    // As long as one is left, it goes on.
    for (const client of clients.slice(1)) client.destroy();
    await over(49);
    expect(descriptorsOf(path)).toBe(ofOne);
    expect(isBeingSummed(path)).toBe(true);
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

  it('keep nothing for who left while waiting for a turn', async () => {
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
      await onDemand.compute(file.fd, await file.stat({ bigint: true }), ['adler32'], left.signal);
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
    await expect(new OnDemandChecksums().compute(0x7fffffff, stats, ['adler32'], signal)).rejects.toThrow(
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
