import { execFileSync } from 'node:child_process';
import { setMaxListeners } from 'node:events';
import { chmodSync, closeSync, openSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  type ChecksumOptions,
  ChecksumStream,
  checksum,
  checksumAll,
  combine,
  createChecksum,
  SluiceError,
} from '../../lib/index.js';
import { endlessFile } from '../helpers/endless.js';
import { engines } from '../helpers/engines.js';
import { fileOf, openDescriptors, temporaryFolder } from '../helpers/files.js';
import { needs } from '../helpers/needs.js';
import { start } from '../helpers/program.js';

needs('python3');

const folder = temporaryFolder();
chmodSync(folder, 0o755);

function code(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'no error',
    (error) => (error instanceof SluiceError ? error.code : String(error)),
  );
}

describe.each(engines)('checksum() of what is no readable file, in %s', (engine) => {
  it.each([
    ['no such file', () => join(folder, 'nothing'), 'ERR_SLUICE_NOT_FOUND'],
    ['a name that is too long', () => join(folder, 'x'.repeat(300)), 'ERR_SLUICE_NOT_FOUND'],
    ['a link to itself', () => linkToItself(`loop-${engine}`), 'ERR_SLUICE_NOT_FOUND'],
    ['a file where a folder should be', () => join(fileOf(folder, 1), 'x'), 'ERR_SLUICE_NOT_FOUND'],
    ['a directory', () => folder, 'ERR_SLUICE_IS_DIRECTORY'],
    ['a device', () => '/dev/zero', 'ERR_SLUICE_NOT_A_FILE'],
    ['a path with a NUL', () => 'a\0b', 'ERR_SLUICE_OPTION'],
    ['no path', () => '', 'ERR_SLUICE_OPTION'],
    ['a descriptor that is not open', () => 999_999, 'ERR_SLUICE_BAD_DESCRIPTOR'],
    ['a negative descriptor', () => -1, 'ERR_SLUICE_BAD_DESCRIPTOR'],
    ['a standard input that is a pipe', () => 0, /NOT_A_FILE|IS_DIRECTORY/],
  ])('%s fails', async (_, source, expected) => {
    expect(await code(checksum(source(), { engine }))).toMatch(expected);
  });

  it('a FIFO fails, without waiting for its other end', async () => {
    const path = join(folder, `fifo-${engine}`);
    execFileSync('mkfifo', [path]);
    expect(await code(checksum(path, { engine }))).toBe('ERR_SLUICE_NOT_A_FILE');
  });

  it('a socket fails', async () => {
    const path = join(folder, `socket-${engine}`);
    const server = createServer().listen(path);
    await new Promise((resolve) => server.once('listening', resolve));
    expect(await code(checksum(path, { engine }))).toBe('ERR_SLUICE_NOT_A_FILE');
    server.close();
  });

  it('a descriptor open for writing only fails', async () => {
    const fd = openSync(join(folder, 'written'), 'w');
    expect(await code(checksum(fd, { engine }))).toBe('ERR_SLUICE_BAD_DESCRIPTOR');
    closeSync(fd);
  });

  it('a descriptor that is closed, and its number used again, at once has the right value', async () => {
    const path = fileOf(folder, 3_000_000);
    const right = (await checksum(path)).value;
    for (let i = 0; i < 50; i++) {
      const fd = openSync(path, 'r');
      const summing = checksum(fd, { engine }).then(
        ({ value }) => value,
        (error) => error.code,
      );
      closeSync(fd);
      const other = openSync('/proc/self/status', 'r');
      expect(await summing).toBe(right);
      closeSync(other);
    }
  });

  it('a range outside of the file fails', async () => {
    const path = fileOf(folder, 100);
    expect(await code(checksum(path, { engine, range: { end: 101 } }))).toBe('ERR_SLUICE_RANGE');
    expect(await code(checksum(path, { engine, range: { start: 101 } }))).toBe('ERR_SLUICE_RANGE');
    expect(await code(checksum(path, { engine, range: { start: 100 } }))).toBe('no error');
  });
});

function linkToItself(name: string): string {
  const path = join(folder, name);
  symlinkSync(name, path);
  return path;
}

/** Sums a file where a limit of the process is reached; the line that is printed for each sum. */
async function limited(limit: string, scene: string): Promise<string[]> {
  const file = fileOf(folder, Buffer.alloc(40_000_000));
  chmodSync(file, 0o644);
  const program = new URL('programs/limited.mjs', import.meta.url);
  return (await start(program, [scene, file], { under: ['prlimit', limit] }).rest()).split('\n');
}

describe('checksum() where a limit is reached', () => {
  const zeros = createChecksum('adler32').update(Buffer.alloc(40_000_000)).digest('hex');

  it('fails with no descriptor left, and says which limit to raise', async () => {
    const [first, second] = await limited('--nofile=256', 'noDescriptor');
    expect(first).toMatch(new RegExp(`^${zeros} `));
    expect(second).toMatch(
      /^ERR_SLUICE_LIMIT .*\(open: too many open files, EMFILE\)\. Raise the limit \(ulimit -n/,
    );
  });

  it('fails with no thread left, and says which limit to raise', async () => {
    const [none] = await limited('--nproc=1', 'noThread');
    expect(none).toMatch(
      /^ERR_SLUICE_LIMIT .*\(a thread for it: resource temporarily unavailable, EAGAIN\)\. Raise the limit/,
    );
  });

  it('has its value with one thread left, which does the work of all', async () => {
    expect(await limited('--nproc=1', 'oneThread')).toEqual([`${zeros} userspace`]);
  });
});

it('a file that may not be read fails with ERR_SLUICE_PERMISSION', async () => {
  const path = join(folder, 'secret');
  writeFileSync(path, 'x', { mode: 0o600 });
  const printed = await start(new URL('programs/as-nobody.mjs', import.meta.url), [path]).rest();
  expect(JSON.parse(printed)).toEqual({ code: 'ERR_SLUICE_PERMISSION', path });
});

it('a file under the write lease of another fails with ERR_SLUICE_WRITER', async () => {
  const path = fileOf(folder, 100);
  const { line, stdin, ended } = start(new URL('programs/leasing.py', import.meta.url), [path]);
  expect(await line()).toBe('leased');
  expect(await code(checksum(path))).toBe('ERR_SLUICE_WRITER');
  stdin.end();
  await ended;
});

it('descriptors whose jobs were abandoned before they began are closed', async () => {
  const path = fileOf(folder, 5_000_000);
  const fd = openSync(path, 'r+');
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  const sums = Array.from({ length: 50 }, () => code(checksum(fd, { signal: controller.signal })));
  controller.abort();
  await Promise.all(sums);
  closeSync(fd);
  expect(openDescriptors().filter((name) => name === path)).toEqual([]);
  expect(await code(checksum(path))).toBe('no error');
});

describe('options that mean nothing are errors', () => {
  const path = fileOf(folder, 10);
  it.each([
    [{ algorithm: 'adler32' }, 'ERR_SLUICE_OPTION'],
    [{ algorithms: ['adler31'] }, 'ERR_SLUICE_ALGORITHM'],
    [{ algorithms: [] }, 'ERR_SLUICE_OPTION'],
    [{ algorithms: 'adler32' }, 'ERR_SLUICE_OPTION'],
    [{ engine: 'gpu' }, 'ERR_SLUICE_OPTION'],
    [{ cache: 'bypas' }, 'ERR_SLUICE_OPTION'],
    [{ range: { start: -1 } }, 'ERR_SLUICE_OPTION'],
    [{ range: { start: 1.5 } }, 'ERR_SLUICE_OPTION'],
    [{ range: { start: 5, end: 4 } }, 'ERR_SLUICE_OPTION'],
    [{ range: { begin: 5 } }, 'ERR_SLUICE_OPTION'],
    [{ threads: 0 }, 'ERR_SLUICE_OPTION'],
    [{ threads: 1e9 }, 'ERR_SLUICE_OPTION'],
    [{ threads: '2' }, 'ERR_SLUICE_OPTION'],
    [{ signal: {} }, 'ERR_SLUICE_OPTION'],
    [{ onProgress: true }, 'ERR_SLUICE_OPTION'],
    [null, 'ERR_SLUICE_OPTION'],
  ])('%j', async (options, expected) => {
    expect(await code(checksum(path, options as ChecksumOptions))).toBe(expected);
  });

  it.each([
    ['a number', 5],
    ['nothing', undefined],
    ['a path, of which each letter would be a file', path],
    ['what is no iterable', {}],
  ])('as the files to sum: %s', async (_, sources) => {
    expect(await code(checksumAll(sources as never).next())).toBe('ERR_SLUICE_OPTION');
  });

  it('in the other calls', () => {
    expect(() => new ChecksumStream({ algorithm: ['crc32'] } as object)).toThrow(SluiceError);
    expect(() => new ChecksumStream({ algorithms: [] })).toThrow(SluiceError);
    expect(() => createChecksum('md5' as 'crc32')).toThrow(/ERR_SLUICE_ALGORITHM|no algorithm/);
    expect(() => createChecksum('crc32').update(5 as unknown as string)).toThrow(SluiceError);
    expect(() => createChecksum('crc32').digest('base64' as 'hex')).toThrow(SluiceError);
    expect(() => combine('crc32', 1n << 32n, 0n, 1)).toThrow(SluiceError);
    expect(() => combine('crc32', 1n, 0n, -1)).toThrow(SluiceError);
    expect(() => combine('crc32', 1n, 0n, 1.5)).toThrow(SluiceError);
  });
});

describe('an error of a sum', () => {
  it('says what happened and what to do, and ends a command with its own status', async () => {
    const error = await checksum(join(folder, 'nothing')).catch((error) => error);
    expect(error).toMatchObject({
      name: 'SluiceError',
      exitStatus: 1,
      errno: 2,
      path: join(folder, 'nothing'),
    });
    expect(error.message).toMatch(/does not exist\. Check the path\.$/);
  });
});

describe.each(engines)('checksumAll() of many files, some of them bad, in %s', (engine) => {
  it('gives the values of the good ones, in order, and leaves nothing open', async () => {
    const sources: (string | number)[] = [];
    for (let i = 0; i < 60; i++) {
      sources.push(
        i % 3 === 0 ? join(folder, `missing-${i}`) : i % 3 === 1 ? folder : fileOf(folder, 20_000 + i),
      );
    }
    const sum = async () => {
      const seen: string[] = [];
      for await (const { source, result, error } of checksumAll(sources, { engine, threads: 4 })) {
        seen.push(`${source} ${result?.bytes ?? error?.code}`);
      }
      return seen;
    };
    const expected = sources.map((source, i) =>
      i % 3 === 0
        ? `${source} ERR_SLUICE_NOT_FOUND`
        : i % 3 === 1
          ? `${source} ERR_SLUICE_IS_DIRECTORY`
          : `${source} ${20_000 + i}`,
    );
    expect(await sum()).toEqual(expected);
    const before = openDescriptors();
    for (let i = 0; i < 5; i++) expect(await sum()).toEqual(expected);
    expect(openDescriptors()).toEqual(before);
  });

  it('stops the rest if its loop is left early', async () => {
    // Only the first ends by itself.
    const sources = [fileOf(folder, 100_000), ...Array.from({ length: 29 }, () => endlessFile(folder))];
    for await (const { result } of checksumAll(sources, { engine, threads: 2 })) {
      expect(result?.bytes).toBe(100_000);
      break;
    }
    expect(openDescriptors().filter((path) => path.startsWith(folder))).toEqual([]);
  });
});
