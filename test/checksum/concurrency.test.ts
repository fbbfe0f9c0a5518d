import { randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { algorithms, ChecksumStream, checksum, checksumAll } from '../../lib/index.js';
import { endlessFile } from '../helpers/endless.js';
import { engines } from '../helpers/engines.js';
import { fileOf, openDescriptors, temporaryFolder } from '../helpers/files.js';
import { reference } from '../helpers/reference.js';

const folder = temporaryFolder();

describe.each(engines)('sums at the same time, in %s', (engine) => {
  it('of a hundred files on eight threads come in order, with the right values', async () => {
    const contents = Array.from({ length: 100 }, (_, i) => randomBytes(i * 3001));
    const paths = contents.map((content) => fileOf(folder, content));
    let index = 0;
    for await (const { source, result } of checksumAll(paths, {
      engine,
      threads: 8,
      algorithms: ['adler32', 'crc32c'],
    })) {
      const content = contents[index] as Buffer;
      expect(source).toBe(paths[index]);
      expect(result?.checksums.adler32?.value).toBe(reference('adler32', content));
      expect(result?.checksums.crc32c?.value).toBe(reference('crc32c', content));
      index++;
    }
    expect(index).toBe(100);
  });

  it('in worker threads have the right values, also if one of the threads is ended', async () => {
    const content = randomBytes(2_000_000);
    const path = fileOf(folder, content);
    const long = endlessFile(folder);
    const workers = [0, 1, 2].map((i) => {
      const worker = new Worker(new URL('programs/worker.mjs', import.meta.url), {
        workerData: { path, engine, long: i === 0 ? long : undefined },
      });
      const values: unknown[] = [];
      return new Promise<unknown[]>((resolve, reject) => {
        worker.on('message', (message) => {
          if (message === 'long') worker.terminate();
          else values.push(message);
        });
        worker.on('error', reject);
        worker.on('exit', () => resolve(values));
      });
    });
    const right = reference('adler32', content);
    for (const values of await Promise.all(workers)) expect(values).toEqual(Array(20).fill(right));
    // The job of the ended thread was cancelled and closes its file soon.
    await expect.poll(() => openDescriptors().filter((name) => name.startsWith(folder))).toEqual([]);
    expect((await checksum(path, { engine })).value).toBe(right);
  });

  it('abandoned in the middle of a file end at once, and close it', async () => {
    const path = endlessFile(folder);
    await checksum(fileOf(folder, 10), { engine });
    const before = openDescriptors();
    const controller = new AbortController();
    const seen: number[] = [];
    const summing = checksum(path, {
      engine,
      signal: controller.signal,
      onProgress: (bytes) => {
        seen.push(bytes);
        controller.abort(new Error('enough'));
      },
    });
    await expect(summing).rejects.toMatchObject({ code: 'ERR_SLUICE_ABORTED', cause: { message: 'enough' } });
    expect(seen.at(-1)).toBeLessThan(statSync(path).size);
    expect(openDescriptors()).toEqual(before);
    await expect(checksum(path, { engine, signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'ERR_SLUICE_ABORTED',
    });
  });

  it('report progress up to the size of the file', async () => {
    const path = fileOf(folder, 1_000_000);
    const seen: number[] = [];
    await checksum(path, { engine, onProgress: (bytes) => seen.push(bytes) });
    expect(seen.at(-1)).toBe(1_000_000);
  });
});

describe('ChecksumStream', () => {
  it('passes its bytes through and sums them', async () => {
    const chunks = Array.from({ length: 50 }, (_, i) => randomBytes(1 + i * 997));
    const stream = new ChecksumStream({ algorithms });
    const out: Buffer[] = [];
    const sink = new Writable({
      write(chunk, _, done) {
        out.push(chunk);
        done();
      },
    });
    await pipeline(Readable.from(chunks), stream, sink);
    const all = Buffer.concat(chunks);
    expect(Buffer.concat(out).equals(all)).toBe(true);
    expect(stream.bytes).toBe(all.length);
    for (const name of algorithms) expect(stream.checksums[name]?.value).toBe(reference(name, all));
  });
});
