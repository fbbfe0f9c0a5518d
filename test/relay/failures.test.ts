import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readFileSync, statSync, truncateSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createChecksum, type SluiceError } from '../../lib/index.js';
import { type RelayEnd, type RelayOptions, relay } from '../../lib/relay/index.js';
import { engines } from '../helpers/engines.js';
import { fileOf, openDescriptors, temporaryFolder } from '../helpers/files.js';
import { needs } from '../helpers/needs.js';
import { rounds } from '../helpers/rounds.js';
import { connection, type Kind, sinkOf, sourceOf, startPoller } from './ends.js';

needs('mkfs.ext4');

const folder = temporaryFolder();
const kinds: readonly Kind[] = ['tcp', 'unix', 'fifo'];

beforeAll(() => startPoller(folder));
let before: string[];
beforeEach(() => {
  before = openDescriptors();
});
afterEach(async () => {
  await expect.poll(openDescriptors).toEqual(before);
});

async function failureOf(source: RelayEnd, sink: RelayEnd, options: RelayOptions): Promise<SluiceError> {
  const failed = await relay(source, sink, options).then(
    () => undefined,
    (error) => error,
  );
  expect(failed).toMatchObject({ name: 'SluiceError' });
  return failed as SluiceError;
}

/** A file whose content does not matter, made at once. */
function hole(size: number): string {
  const path = fileOf(folder, 0);
  truncateSync(path, size);
  return path;
}

/** A new file that takes what is relayed. */
function fileSink(): { path: string; fd: number } {
  const path = fileOf(folder, 0);
  return { path, fd: openSync(path, 'r+') };
}

describe.each(engines)('a relay, measured by %s', (engine) => {
  it.each(kinds)('fails if its %s ends before the announced length', async (kind) => {
    const content = randomBytes(200_000);
    const { end, theirs, close } = await sourceOf(folder, kind);
    const { path, fd } = fileSink();
    theirs.end(content);
    const failure = await failureOf(end, fd, { engine, range: { end: 200_001 } });
    expect(failure).toMatchObject({ code: 'ERR_SLUICE_TRUNCATED', bytes: 200_000 });
    expect(readFileSync(path).equals(content)).toBe(true);
    closeSync(fd);
    close();
  });

  it('fails if its file is shorter than was asked for', async () => {
    const source = openSync(fileOf(folder, 1000), 'r');
    const { fd } = fileSink();
    for (const start of [0, 999, 5000]) {
      const failure = await failureOf(source, fd, { engine, range: { start, end: start + 1001 } });
      expect(failure).toMatchObject({
        code: 'ERR_SLUICE_TRUNCATED',
        bytes: Math.max(0, 1000 - start),
      });
    }
    for (const each of [source, fd]) closeSync(each);
  });

  it('fails if its connection is reset', async () => {
    const { ours, theirs } = await connection(folder, 'tcp');
    const { path, fd } = fileSink();
    const relaying = failureOf(ours, fd, { engine });
    theirs.write(randomBytes(100_000));
    await expect.poll(() => statSync(path).size).toBe(100_000);
    theirs.resetAndDestroy();
    expect(await relaying).toMatchObject({ code: 'ERR_SLUICE_DISCONNECTED', bytes: 100_000 });
    closeSync(fd);
    ours.destroy();
  });

  it.each(kinds)('fails if the reader of its %s goes away', async (kind) => {
    const source = openSync(hole(30_000_000), 'r');
    const { end, theirs, close } = await sinkOf(folder, kind);
    const relaying = failureOf(source, end, { engine });
    theirs.once('data', () => theirs.destroy());
    const { code, bytes } = await relaying;
    expect(code).toBe('ERR_SLUICE_DISCONNECTED');
    expect(bytes).toBeGreaterThan(0);
    expect(bytes).toBeLessThan(30_000_000);
    closeSync(source);
    close();
  });

  it('fails on a file system that is full, and says how much was stored', async () => {
    const at = join(folder, `full-${engine}`);
    const image = join(folder, `image-${engine}`);
    mkdirSync(at);
    fileOf(folder, 0);
    closeSync(openSync(image, 'w'));
    truncateSync(image, 8 * 2 ** 20);
    const run = (command: string, ...args: string[]) =>
      execFileSync(command, args, { stdio: 'pipe', env: { ...process.env, LD_PRELOAD: '' } });
    run('mkfs.ext4', '-q', '-F', image);
    run('mount', '-o', 'loop', image, at);
    try {
      const { end, theirs, close } = await sourceOf(folder, 'tcp');
      const path = join(at, 'file');
      const sink = openSync(path, 'w+');
      theirs.on('error', () => {});
      theirs.write(randomBytes(10_000_000));
      const failure = await failureOf(end, sink, { engine });
      expect(failure).toMatchObject({ code: 'ERR_SLUICE_NO_SPACE', errno: 28 });
      expect(failure.bytes).toBe(statSync(path).size);
      expect(failure.bytes).toBeGreaterThan(1_000_000);
      closeSync(sink);
      close();
      theirs.destroy();
    } finally {
      run('umount', at);
    }
  });

  it.each(kinds)('is abandoned while its %s gives nothing', async (kind) => {
    const content = randomBytes(50_000);
    const { end, theirs, close } = await sourceOf(folder, kind);
    const { path, fd } = fileSink();
    const controller = new AbortController();
    const relaying = failureOf(end, fd, { engine, signal: controller.signal });
    theirs.write(content);
    await expect.poll(() => statSync(path).size).toBe(content.length);
    controller.abort(new Error('enough'));
    expect(await relaying).toMatchObject({
      code: 'ERR_SLUICE_ABORTED',
      bytes: content.length,
      cause: { message: 'enough' },
    });
    theirs.destroy();
    closeSync(fd);
    close();
  });

  it.each(kinds)('is abandoned while its %s takes nothing', async (kind) => {
    const source = openSync(hole(30_000_000), 'r');
    const { end, theirs, close } = await sinkOf(folder, kind);
    const controller = new AbortController();
    const seen: number[] = [];
    const relaying = failureOf(source, end, {
      engine,
      signal: controller.signal,
      onProgress: (bytes) => seen.push(bytes),
    });
    await expect.poll(() => seen.length).toBeGreaterThan(0);
    controller.abort();
    const failure = await relaying;
    expect(failure.code).toBe('ERR_SLUICE_ABORTED');
    expect(failure.bytes).toBeGreaterThan(0);
    expect(failure.bytes).toBeLessThan(30_000_000);
    closeSync(source);
    close();
    theirs.destroy();
  });

  it('is abandoned in the middle of a file, and before it began', async () => {
    const source = openSync(hole(2 ** 33), 'r');
    const sink = openSync('/dev/null', 'w');
    const controller = new AbortController();
    const relaying = failureOf(source, sink, {
      engine,
      signal: controller.signal,
      onProgress: () => controller.abort(),
    });
    const failure = await relaying;
    expect(failure.code).toBe('ERR_SLUICE_ABORTED');
    expect(failure.bytes).toBeLessThan(2 ** 33);
    const never = failureOf(source, sink, { engine, signal: AbortSignal.abort() });
    expect(await never).toMatchObject({ code: 'ERR_SLUICE_ABORTED', bytes: 0 });
    for (const each of [source, sink]) closeSync(each);
  });

  it('fails if its peer is silent for longer than allowed, not if it is slow', async () => {
    const { end, theirs, close } = await sourceOf(folder, 'unix');
    const { fd } = fileSink();
    theirs.write('x');
    const failure = await failureOf(end, fd, { engine, idleTimeout: 200 });
    expect(failure).toMatchObject({ code: 'ERR_SLUICE_TIMEOUT', bytes: 1 });

    const relaying = relay(end, fd, { engine, idleTimeout: 2000, range: { end: 60 } });
    for (let i = 0; i < 60; i++) {
      theirs.write('y');
      await new Promise((later) => setTimeout(later, 50)); // three seconds together
    }
    expect((await relaying).bytes).toBe(60);
    theirs.destroy();
    closeSync(fd);
    close();
  });

  it('has the right value or an error, whenever its connection is reset', async () => {
    const content = randomBytes(4_000_000);
    const ends = new Set<string>();
    for (let round = 0; round < rounds(40); round++) {
      const { ours, theirs } = await connection(folder, 'tcp');
      const { path, fd } = fileSink();
      const relaying = relay(ours, fd, { engine, range: { end: content.length } }).then(
        ({ checksums }) => checksums.adler32?.value,
        (error: SluiceError) => error,
      );
      const cut = round % 4 === 0 ? content.length : Math.floor(Math.random() * content.length);
      theirs.write(content.subarray(0, cut), () => {
        if (round % 2 === 0) theirs.end();
        else theirs.resetAndDestroy();
      });
      const outcome = await relaying;
      if (outcome instanceof Error) {
        ends.add(outcome.code);
        expect(outcome.code).toMatch(/TRUNCATED|DISCONNECTED/);
        expect(outcome.bytes).toBe(statSync(path).size);
      } else {
        ends.add('value');
        expect(outcome).toBe(createChecksum('adler32').update(readFileSync(path)).digest());
        expect(outcome).toBe(createChecksum('adler32').update(content).digest());
      }
      closeSync(fd);
      ours.destroy();
      theirs.destroy();
    }
    expect([...ends]).toContain('value');
    expect([...ends]).toContain('ERR_SLUICE_TRUNCATED');
  });
});

describe('a relay refuses', () => {
  it('ends that are closed, of the wrong direction, or folders', async () => {
    const path = fileOf(folder, 10);
    const [reads, writes, directory] = [openSync(path, 'r'), openSync(path, 'w'), openSync(folder, 'r')];
    const expected: [number, number, string][] = [
      [1_000_000, writes, 'ERR_SLUICE_BAD_DESCRIPTOR'],
      [reads, 1_000_000, 'ERR_SLUICE_BAD_DESCRIPTOR'],
      [writes, writes, 'ERR_SLUICE_BAD_DESCRIPTOR'],
      [reads, reads, 'ERR_SLUICE_BAD_DESCRIPTOR'],
      [directory, writes, 'ERR_SLUICE_IS_DIRECTORY'],
      [-1, writes, 'ERR_SLUICE_BAD_DESCRIPTOR'],
    ];
    for (const [source, sink, code] of expected) expect((await failureOf(source, sink, {})).code).toBe(code);
    for (const fd of [reads, writes, directory]) closeSync(fd);
  });

  it('sockets that Node reads from', async () => {
    const { ours, theirs } = await connection(folder, 'tcp');
    const { fd } = fileSink();
    const reason = async () => (await failureOf(theirs, fd, {})).message;
    expect(await reason()).toContain('Node reads from it');
    ours.write('hello');
    await expect.poll(() => theirs.readableLength).toBe(5);
    expect(await reason()).toContain('Node has read bytes from it already');
    theirs.destroy();
    expect(await reason()).toContain('not connected');
    const never = createServer();
    expect(await failureOf(never as never, fd, {})).toMatchObject({ code: 'ERR_SLUICE_OPTION' });
    ours.destroy();
    closeSync(fd);
  });

  it('options that are unknown or make no sense', async () => {
    const { fd } = fileSink();
    const { end, close, theirs } = await sourceOf(folder, 'fifo');
    for (const options of [
      { lenght: 1 },
      { range: { end: -1 } },
      { range: { start: 2, end: 1 } },
      { sinkOffset: 0.5 },
      { idleTimeout: 0 },
      { engine: 'gpu' },
      { algorithms: [] },
      { range: { start: 1 } },
    ]) {
      expect((await failureOf(end, fd, options as RelayOptions)).code).toBe('ERR_SLUICE_OPTION');
    }
    theirs.destroy();
    close();
    closeSync(fd);
  });
});
