import { execFile, execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readChecksums } from '../../../lib/files/xattr/index.js';
import type { ReceiveOptions, ReceiveResult } from '../../../lib/http/index.js';
import { createChecksum } from '../../../lib/index.js';
import { mounted } from '../../files/staging/mounts.js';
import { engines } from '../../helpers/engines.js';
import { fileOf, openDescriptors, temporaryFolder } from '../../helpers/files.js';
import { needs } from '../../helpers/needs.js';
import { Client, type PutServer, put, putServer } from '../server.js';

needs('curl', 'mkfs.ext4');

const run = promisify(execFile);
const top = temporaryFolder();
const sources = temporaryFolder();

const adler32 = (bytes: Uint8Array) => createChecksum('adler32').update(bytes).digest('hex');

async function curl(server: PutServer, path: string, ...options: string[]): Promise<string> {
  const url = `http://127.0.0.1:${server.port}${path}`;
  return (await run('curl', ['-s', '-i', '--max-time', '30', ...options, url])).stdout;
}

/** Only names that are not whole files. */
const leftOver = (folder: string) => readdirSync(folder).filter((name) => name.startsWith('.'));

test.each(engines)('a result says what summed the body, which was asked of %s', async (engine) => {
  for (const [transport, expected] of [
    ['relay', { backend: engine === 'kernel' ? 'bpf' : 'userspace', backendReason: 'asked for' }],
    ['stream', { backend: 'userspace', backendReason: 'the body went through Node' }],
  ] as const) {
    const root = join(top, `${transport}-${engine}`);
    mkdirSync(root);
    const server = await putServer(root, { transport, engine });
    await curl(server, '/body', '-T', fileOf(sources, 3_000_000));
    expect(server.outcomes).toMatchObject([{ transport, ...expected }]);
    server.server.closeAllConnections();
    await promisify(server.server.close).call(server.server);
  }
});

describe.each(['stream', 'relay'] as const)('by %s', (transport) => {
  const root = join(top, transport);
  mkdirSync(root);
  let server: PutServer;
  const options: ReceiveOptions = { transport, algorithms: ['adler32', 'crc32c'] };
  beforeEach(async () => {
    server = await putServer(root, options);
  });
  afterEach(async () => {
    server.server.closeAllConnections();
    await promisify(server.server.close).call(server.server);
    expect(leftOver(root)).toEqual([]);
  });

  async function stored(path: string, bytes: Uint8Array): Promise<void> {
    const content = readFileSync(join(root, path));
    expect(content.equals(bytes)).toBe(true);
    await using file = await open(join(root, path));
    const kept = await readChecksums(file.fd);
    expect(kept).toMatchObject([
      { profile: 'sluice', algorithm: 'adler32', hex: adler32(bytes), state: 'fresh' },
      { profile: 'sluice', algorithm: 'crc32c', state: 'fresh' },
    ]);
  }

  test.each([0, 1, 1000, 65_536, 70_000, 5_000_001, 40_000_000])(
    'a body of %i bytes by curl',
    async (size) => {
      const source = fileOf(sources, size);
      const bytes = readFileSync(source);
      for (const [extra, status] of [
        [[], '201 Created'],
        [['-H', 'Expect: 100-continue'], '204 No Content'],
        [['-H', 'Expect:'], '204 No Content'],
        // curl never ends an empty chunked body.
        ...(size > 0 ? ([[['-H', 'Transfer-Encoding: chunked'], '204 No Content']] as const) : []),
      ] as const) {
        const answer = await curl(server, `/body-${size}`, '-T', source, ...extra);
        expect(answer).toContain(`HTTP/1.1 ${status}\r\n`);
        expect(answer).toContain(`\r\nDigest: adler32=${adler32(bytes)}`);
        await stored(`body-${size}`, bytes);
        const result = server.outcomes.at(-1) as ReceiveResult;
        expect(result).toMatchObject({ bytes: size, status: Number(status.slice(0, 3)) });
        const chunked = extra.join().includes('chunked');
        expect(result.transport, result.transportReason).toBe(
          chunked || transport === 'stream' ? 'stream' : 'relay',
        );
      }
    },
  );

  test('the connection goes on, and requests after the body are answered', async () => {
    await using client = new Client(server.port);
    const bytes = randomBytes(3_000_000);
    await client.send(put('/first', { 'Content-Length': bytes.length }), bytes);
    await client.send(
      'GET /one HTTP/1.1\r\nHost: a\r\n\r\n',
      put('/second', { 'Content-Length': 5 }),
      'bytes',
    );
    await client.send(
      put('/third', { 'Content-Length': bytes.length }),
      bytes,
      'GET /two HTTP/1.1\r\nHost: a\r\n\r\n',
    );
    const answers = await client.until('at /two');
    expect(answers.match(/HTTP\/1.1 \d+/g)).toEqual(
      [201, 200, 201, 201, 200].map((status) => `HTTP/1.1 ${status}`),
    );
    expect(answers).toMatch(/at \/one.*at \/two/s);
    await stored('first', bytes);
    await stored('third', bytes);
    await stored('second', Buffer.from('bytes'));
  });

  test('what the client states is verified, and a mismatch leaves the old file', async () => {
    const bytes = randomBytes(2_000_000);
    const source = fileOf(sources, bytes);
    const sha = createHash('sha256').update(bytes).digest('base64');
    const crc = Buffer.from(createChecksum('crc64nvme').update(bytes).digest('hex'), 'hex').toString(
      'base64',
    );
    const right = [
      `Digest: adler32=${adler32(bytes)}`,
      `OC-Checksum: ADLER32:${adler32(bytes)}`,
      `Repr-Digest: sha-256=:${sha}:`,
      `x-amz-checksum-crc64nvme: ${crc}`,
      `Content-MD5: ${createHash('md5').update(bytes).digest('base64')}`,
      `Content-Digest: sha-256=:${sha}:`,
    ];
    for (const field of right) {
      const answer = await curl(server, '/stated', '-T', source, '-H', field);
      expect(answer, field).toMatch(/HTTP\/1.1 20[14]/);
      // The answer has no content.
      expect(answer, field).not.toMatch(/^Content-(MD5|Digest):/im);
    }
    const others = Buffer.from(bytes);
    others[1_999_999] = (others[1_999_999] ?? 0) ^ 1;
    const wrong = fileOf(sources, others);
    for (const field of right) {
      const answer = await curl(server, '/stated', '-T', wrong, '-H', field);
      expect(answer, field).toContain('HTTP/1.1 412 Precondition Failed');
      expect(answer).toContain('application/problem+json');
      expect(answer).toContain('ERR_SLUICE_MISMATCH');
    }
    await stored('stated', bytes);
  });

  test('a client that goes away leaves the old file, and nothing else', async () => {
    writeFileSync(join(root, 'old'), 'old');
    const before = openDescriptors();
    for (const sent of [0, 1, 100_000, 2_999_999]) {
      const count = server.outcomes.length;
      {
        await using client = new Client(server.port);
        await client.send(put('/old', { 'Content-Length': 3_000_000 }), Buffer.alloc(sent));
        // Until the upload is under way.
        await expect.poll(openDescriptors).not.toEqual(before);
      }
      await expect.poll(() => server.outcomes.length).toBe(count + 1);
      expect(server.outcomes.at(-1)).toMatchObject({ code: 'ERR_SLUICE_DISCONNECTED' });
    }
    await expect.poll(() => openDescriptors().filter((each) => !before.includes(each))).toEqual([]);
    expect(readFileSync(join(root, 'old'), 'utf8')).toBe('old');
  });

  const disk = mounted(temporaryFolder(), 'ext4', 8);
  const tiny = mounted(temporaryFolder(), 'tmpfs', 1);
  // A body may have been read to its end when the disk refuses it: by the last batch of a stream, or as a whole.
  test.each([
    [60_000, tiny],
    [500_000, tiny],
    [20_000_000, disk],
  ])('%i bytes without room in %s are refused', async (length, full) => {
    const small = await putServer(full, options);
    writeFileSync(join(full, 'file'), 'old');
    const free = () => execFileSync('df', ['--output=avail', full]).toString();
    if (full === tiny) writeFileSync(join(full, 'filler'), Buffer.alloc(1_000_000));
    const names = readdirSync(full);
    const before = free();
    const source = fileOf(sources, length);
    await using client = new Client(small.port);
    await client.send(put('/file', { 'Content-Length': length }), readFileSync(source));
    await client.send('GET /next HTTP/1.1\r\nHost: a\r\n\r\n');
    const answers = await client.until('at /next');
    expect(answers).toContain('HTTP/1.1 507 Insufficient Storage');
    expect(answers).toContain('ERR_SLUICE_NO_SPACE');
    expect(answers.endsWith('at /next')).toBe(true);
    expect(readFileSync(join(full, 'file'), 'utf8')).toBe('old');
    expect(readdirSync(full)).toEqual(names);
    execFileSync('sync', ['-f', full]);
    expect(free()).toBe(before);
  });

  test('of 200 bodies at once, half of which are cut off, the others are stored', async () => {
    const folder = join(root, `many`);
    mkdirSync(folder);
    const before = openDescriptors();
    const bytes = randomBytes(400_000);
    await Promise.all(
      Array.from({ length: 200 }, async (_, i) => {
        await using client = new Client(server.port);
        await client.send(put(`/many/${i % 100}`, { 'Content-Length': bytes.length }));
        if (i % 2 === 0) {
          await client.send(bytes);
          expect(await client.until('\r\n\r\n')).toMatch(/HTTP\/1.1 20[14]/);
        } else {
          await client.send(bytes.subarray(0, i * 1000));
        }
      }),
    );
    await expect.poll(() => server.outcomes.length).toBe(200);
    expect(server.outcomes.filter((each) => each instanceof Error)).toHaveLength(100);
    expect(readdirSync(folder)).toHaveLength(50);
    for (const name of readdirSync(folder)) expect(readFileSync(join(folder, name)).equals(bytes)).toBe(true);
    await expect.poll(() => openDescriptors().filter((each) => !before.includes(each))).toEqual([]);
  });
});
