import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { CopySource } from '../../lib/copy/source.js';
import type { FileLike } from '../../lib/index.js';
import { type RelayOptions, relay } from '../../lib/relay/index.js';
import { fileOf, openDescriptors, temporaryFolder } from '../helpers/files.js';
import { mkfifo, sourceOf } from './ends.js';

const folder = temporaryFolder();
const content = randomBytes(300_000);

/** The ways to name one file, and what closes those that are open. */
async function waysTo(path: string, flags: string): Promise<{ ways: FileLike[]; close(): Promise<void> }> {
  const [fd, handle] = [openSync(path, flags), await open(path, flags)];
  const close = async () => {
    closeSync(fd);
    await handle.close();
  };
  return { ways: [path, pathToFileURL(path), fd, handle], close };
}

/** Does it as a user who owns nothing here and has no capabilities. */
async function asNobody(work: () => Promise<void>): Promise<void> {
  process.seteuid?.(65534);
  try {
    await work();
  } finally {
    process.seteuid?.(0);
  }
}

describe('the sink of a relay', () => {
  it('that this user may not write, or not make, is told of as that', async () => {
    const source = fileOf(folder, 10);
    const [existing, below] = [fileOf(folder, 10), join(folder, 'closed')];
    mkdirSync(below);
    for (const path of [folder, below]) chmodSync(path, 0o755);
    chmodSync(existing, 0o444);
    await asNobody(async () => {
      for (const path of [existing, join(below, 'new')])
        await expect(relay(source, path)).rejects.toMatchObject({
          code: 'ERR_SLUICE_PERMISSION',
          path,
          reason: expect.stringContaining(`${path} may not be written by this user`),
        });
    });
  });

  it('that a reader holds with a lease is not said to be held by a writer', async () => {
    const path = fileOf(folder, 10);
    using _ = await CopySource.open(path);
    await expect(relay(fileOf(folder, 10), path)).rejects.toMatchObject({
      code: 'ERR_SLUICE_BUSY',
      path,
      reason: `${path} is held by somebody with a lease`,
    });
  });
});

describe('the sink of a relay that fails before its first byte', () => {
  const target = join(folder, 'never');

  it.each<[string, () => number, RelayOptions, string]>([
    ['is open for writing only', () => openSync(fileOf(folder, 1), 'w'), {}, 'ERR_SLUICE_BAD_DESCRIPTOR'],
    ['is a folder', () => openSync(folder, 'r'), {}, 'ERR_SLUICE_IS_DIRECTORY'],
    [
      'is a pipe that is to be read from an offset',
      () => openSync(mkfifo(folder), constants.O_RDONLY | constants.O_NONBLOCK),
      { range: { start: 1 } },
      'ERR_SLUICE_OPTION',
    ],
  ])('is not made where the source %s', async (_, open, options, code) => {
    const source = open();
    await expect(relay(source, target, options)).rejects.toMatchObject({ code, bytes: 0 });
    expect(existsSync(target)).toBe(false);
    closeSync(source);
  });

  it('is not made where the source is closed', async () => {
    await expect(relay(1_000_000, target)).rejects.toMatchObject({ code: 'ERR_SLUICE_BAD_DESCRIPTOR' });
    expect(existsSync(target)).toBe(false);
  });

  it('is not made where the signal fires while the source is opened', async () => {
    const controller = new AbortController();
    const moved = relay(fileOf(folder, content), target, { signal: controller.signal });
    controller.abort();
    await expect(moved).rejects.toMatchObject({ code: 'ERR_SLUICE_ABORTED', bytes: 0 });
    expect(existsSync(target)).toBe(false);
  });

  it('takes nothing from the source when it can not be made', async () => {
    const { end, close, theirs } = await sourceOf(folder, 'fifo');
    theirs.end(content.subarray(0, 1000));
    await expect(relay(end, join(folder, 'missing', 'file'))).rejects.toMatchObject({
      code: 'ERR_SLUICE_NO_FOLDER',
    });
    expect((await relay(end, target)).bytes).toBe(1000);
    rmSync(target);
    close();
  });
});

describe('the ends of a relay', () => {
  it('are named by a path, a URL, a descriptor or a FileHandle, and only what was opened here is closed', async () => {
    const target = fileOf(folder, 0);
    const [sources, sinks] = [await waysTo(fileOf(folder, content), 'r'), await waysTo(target, 'r+')];
    const before = openDescriptors();
    for (const source of sources.ways) {
      for (const sink of sinks.ways) {
        const { bytes, measured } = await relay(source, sink);
        expect({ bytes, measured }).toEqual({ bytes: content.length, measured: 'stored' });
        expect(readFileSync(target).equals(content)).toBe(true);
        expect(openDescriptors()).toEqual(before);
      }
    }
    await sources.close();
    await sinks.close();
  });

  it('make a sink where its path leads to nothing', async () => {
    const target = join(folder, 'new');
    expect((await relay(fileOf(folder, content), target)).bytes).toBe(content.length);
    expect(readFileSync(target).equals(content)).toBe(true);
  });

  it('leave what a sink has beside the bytes written', async () => {
    const target = fileOf(folder, Buffer.from('0123456789'));
    await relay(fileOf(folder, Buffer.from('abc')), target, { sinkOffset: 4 });
    expect(readFileSync(target, 'utf8')).toBe('0123abc789');
  });

  it.each([
    ['whose signal has fired', { signal: AbortSignal.abort() }, 'ERR_SLUICE_ABORTED'],
    ['with an option that there is not', { lenght: 1 } as RelayOptions, 'ERR_SLUICE_OPTION'],
  ])('make no sink for a relay %s', async (_, options, code) => {
    const target = join(folder, 'never');
    await expect(relay(fileOf(folder, content), target, options)).rejects.toMatchObject({ code });
    expect(existsSync(target)).toBe(false);
  });

  it('are no links, no folders, and no devices by their paths', async () => {
    const [file, link, below] = [fileOf(folder, 10), join(folder, 'link'), join(folder, 'below')];
    symlinkSync(file, link);
    mkdirSync(below);
    const refusals: [end: FileLike, code: string, asSink?: string][] = [
      [link, 'ERR_SLUICE_NOT_A_FILE'],
      [below, 'ERR_SLUICE_IS_DIRECTORY'],
      ['/dev/null', 'ERR_SLUICE_NOT_A_FILE'],
      [join(folder, 'missing', 'file'), 'ERR_SLUICE_NOT_FOUND', 'ERR_SLUICE_NO_FOLDER'],
      [join(file, 'below'), 'ERR_SLUICE_NOT_FOUND', 'ERR_SLUICE_NO_FOLDER'],
      [join(folder, 'n'.repeat(300)), 'ERR_SLUICE_NOT_FOUND', 'ERR_SLUICE_TOO_LONG'],
      [new URL('https://example.org/'), 'ERR_SLUICE_OPTION'],
      ['', 'ERR_SLUICE_OPTION'],
      [-1, 'ERR_SLUICE_BAD_DESCRIPTOR'],
    ];
    const other = fileOf(folder, 10);
    const before = openDescriptors();
    for (const [end, code, asSink = code] of refusals) {
      await expect(relay(end, other)).rejects.toMatchObject({ code });
      await expect(relay(other, end)).rejects.toMatchObject({ code: asSink });
    }
    expect(openDescriptors()).toEqual(before);
  });
});
