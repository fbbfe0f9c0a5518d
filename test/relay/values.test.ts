import { randomBytes } from 'node:crypto';
import { closeSync, constants, openSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { algorithms } from '../../lib/index.js';
import { type ByteRange, type RelayResult, relay } from '../../lib/relay/index.js';
import { engines } from '../helpers/engines.js';
import { fileOf, openDescriptors, temporaryFolder } from '../helpers/files.js';
import { reference } from '../helpers/reference.js';
import { type Kind, sinkOf, sourceOf, startPoller } from './ends.js';

const folder = temporaryFolder();
const kinds: readonly Kind[] = ['tcp', 'unix', 'fifo'];
/** None, less than a page, more than a window, and not a multiple of anything. */
const contents = [0, 1, 70_001, 1_300_003].map((size) => randomBytes(size));

const whole = randomBytes(1_500_000);
const ranges: ByteRange[] = [
  { start: 0 },
  { start: 4095, end: 1_104_096 },
  { start: 1_499_999, end: 1_500_000 },
  { start: 1_500_000 },
];
const parts = ranges.map((range) => ({ range, part: whole.subarray(range.start, range.end) }));

/** The definitions' values are slow to compute: once for each content. */
const known = new WeakMap<Buffer, bigint[]>();
function valuesOf(content: Buffer): bigint[] {
  const values = known.get(content) ?? algorithms.map((name) => reference(name, content));
  known.set(content, values);
  return values;
}

function expectValues(result: RelayResult, content: Buffer): void {
  expect(result.bytes).toBe(content.length);
  expect(algorithms.map((name) => result.checksums[name]?.value)).toEqual(valuesOf(content));
}

beforeAll(() => startPoller(folder));
let before: string[];
beforeEach(() => {
  before = openDescriptors();
});
afterEach(async () => {
  await expect.poll(openDescriptors).toEqual(before);
});

describe.each(engines)('a relay, measured by %s', (engine) => {
  const options = { engine, algorithms };
  const ran = engine === 'kernel' ? 'bpf' : 'userspace';

  describe.each(kinds)('from a %s', (kind) => {
    it('into a file has the values of what was moved', async () => {
      for (const content of contents) {
        const path = fileOf(folder, 0);
        const { end, theirs, close } = await sourceOf(folder, kind);
        const sink = openSync(path, 'r+');
        theirs.end(content);
        const result = await relay(end, sink, options);
        closeSync(sink);
        close();
        expectValues(result, content);
        expect(result).toMatchObject({ measured: 'stored', backend: ran });
        expect(readFileSync(path).equals(content)).toBe(true);
      }
    });

    it.each(kinds)('to a %s has the values of what was moved', async (other) => {
      for (const content of contents) {
        const source = await sourceOf(folder, kind);
        const sink = await sinkOf(folder, other);
        source.theirs.end(content);
        const received = buffer(sink.theirs);
        const result = await relay(source.end, sink.end, { ...options, range: { end: content.length } });
        source.close();
        sink.close();
        expectValues(result, content);
        expect(result).toMatchObject({ measured: 'in-flight', backend: ran });
        expect((await received).equals(content)).toBe(true);
        sink.theirs.destroy();
        source.theirs.destroy();
      }
    });
  });

  it.each(kinds)('of a part of a file to a %s has the values of that part', async (kind) => {
    const source = openSync(fileOf(folder, whole), 'r');
    for (const { range, part } of parts) {
      const sink = await sinkOf(folder, kind);
      const received = buffer(sink.theirs);
      const result = await relay(source, sink.end, { ...options, range });
      sink.close();
      expectValues(result, part);
      expect(result.measured).toBe('in-flight');
      expect((await received).equals(part)).toBe(true);
      sink.theirs.destroy();
    }
    closeSync(source);
  });

  it('from a file into the middle of another moves no position', async () => {
    const [, { range, part }] = parts as [unknown, (typeof parts)[number]];
    const old = randomBytes(1_500_000);
    await using source = await open(fileOf(folder, whole));
    const path = fileOf(folder, old);
    await using sink = await open(path, 'r+');
    const result = await relay(source, sink, { ...options, range, sinkOffset: 5 });
    expectValues(result, part);
    const stored = Buffer.concat([old.subarray(0, 5), part, old.subarray(part.length + 5)]);
    expect(readFileSync(path).equals(stored)).toBe(true);
    const first = Buffer.alloc(1);
    for (const [file, bytes] of [
      [source, whole],
      [sink, stored],
    ] as const) {
      await file.read(first, 0, 1, null);
      expect(first[0]).toBe(bytes[0]);
    }
  });

  it('into a file that is open for writing only opens it again to read it back', async () => {
    const source = openSync(fileOf(folder, whole), 'r');
    const path = fileOf(folder, 0);
    const sink = openSync(path, constants.O_WRONLY);
    const result = await relay(source, sink, options);
    expectValues(result, whole);
    expect(result).toMatchObject({ backend: ran, measured: 'stored' });
    expect(readFileSync(path).equals(whole)).toBe(true);
    for (const fd of [source, sink]) closeSync(fd);
  });

  it('of pieces has the values of each', async () => {
    const content = randomBytes(100_000);
    const path = fileOf(folder, 0);
    const { end, theirs, close } = await sourceOf(folder, 'tcp');
    const sink = openSync(path, 'r+');
    theirs.end(content);
    for (let sinkOffset = 0; sinkOffset < content.length; sinkOffset += 30_000) {
      const piece = content.subarray(sinkOffset, sinkOffset + 30_000);
      const result = await relay(end, sink, { ...options, range: { end: piece.length }, sinkOffset });
      expectValues(result, piece);
    }
    expect(readFileSync(path).equals(content)).toBe(true);
    closeSync(sink);
    close();
  });

  it('has the right values beside many others', async () => {
    const contents = Array.from({ length: 30 }, (_, i) => randomBytes(i * 2003));
    await Promise.all(
      contents.map(async (content, i) => {
        const source = await sourceOf(folder, kinds[i % 3] as Kind);
        const sink = await sinkOf(folder, kinds[(i + 1) % 3] as Kind);
        const received = buffer(sink.theirs);
        source.theirs.end(content);
        expectValues(await relay(source.end, sink.end, options), content);
        sink.close();
        expect((await received).equals(content)).toBe(true);
        source.close();
        source.theirs.destroy();
        sink.theirs.destroy();
      }),
    );
  });
});

describe('a relay where splice is refused', () => {
  it.each(['/proc/self/cmdline', '/proc/version', '/sys/kernel/mm/transparent_hugepage/enabled'])(
    'goes on in user space from a file that is made up as it is read: %s',
    async (made) => {
      const content = readFileSync(made);
      const source = openSync(made, 'r');
      const path = fileOf(folder, 0);
      const sink = openSync(path, 'r+');
      expectValues(await relay(source, sink, { algorithms }), content);
      expect(readFileSync(path).equals(content)).toBe(true);
      // What stat says of its size is not to be believed, and by whoever does so it is told.
      const length = Math.max(statSync(made).size, content.length + 1);
      await expect(relay(source, sink, { range: { end: length } })).rejects.toMatchObject({
        code: 'ERR_SLUICE_TRUNCATED',
        bytes: content.length,
      });
      for (const fd of [source, sink]) closeSync(fd);
    },
  );

  it('goes on in user space into a file that is open for appending, and takes no offset', async () => {
    const content = randomBytes(1_200_000);
    const source = openSync(fileOf(folder, content), 'r');
    const path = fileOf(folder, Buffer.from('before'));
    const sink = openSync(path, 'a+');
    const result = await relay(source, sink, { algorithms });
    expectValues(result, content);
    expect(result.measured).toBe('stored');
    expect(readFileSync(path).equals(Buffer.concat([Buffer.from('before'), content]))).toBe(true);
    await expect(relay(source, sink, { sinkOffset: 1 })).rejects.toMatchObject({ code: 'ERR_SLUICE_OPTION' });
    for (const fd of [source, sink]) closeSync(fd);
  });

  it.runIf(engines.includes('kernel'))('fails with the reason if the kernel is insisted on', async () => {
    const source = openSync(fileOf(folder, 10), 'r');
    const path = join(folder, 'append');
    writeFileSync(path, '');
    const sink = openSync(path, 'a');
    await expect(relay(source, sink, { engine: 'kernel' })).rejects.toMatchObject({
      code: 'ERR_SLUICE_KERNEL_ENGINE',
      message: expect.stringContaining('open for appending'),
    });
    for (const fd of [source, sink]) closeSync(fd);
  });
});
