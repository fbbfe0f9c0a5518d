import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { chmodSync, closeSync, openSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { algorithms } from '../../lib/engine/algorithms.js';
import { calibrationOf, storeCalibration } from '../../lib/engine/calibration.js';
import { StagedFile } from '../../lib/files/staging/staged-file.js';
import { createChecksum } from '../../lib/index.js';
import { relay } from '../../lib/relay/index.js';
import { engines } from '../helpers/engines.js';
import { fileOf, openDescriptors, temporaryFolder } from '../helpers/files.js';
import { start } from '../helpers/program.js';
import { connection, sourceOf, startPoller } from './ends.js';

const folder = temporaryFolder();
const program = new URL('programs/short.mjs', import.meta.url);

function pipes(): number {
  const found = readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith('pipe:');
    } catch {
      return false; // the descriptor by which the folder was read
    }
  });
  return found.length;
}

const few = ['prlimit', '--nofile=64'];

describe('a relay without a descriptor left for a pipe', () => {
  it('moves bytes by a buffer, to the same values', async () => {
    const content = randomBytes(2_500_000);
    const sink = join(folder, 'sink');
    const printed = await start(program, ['pipe', fileOf(folder, content), sink], { under: few }).rest();
    const relayed = [content.length, createChecksum('adler32').update(content).digest('hex')];
    expect(JSON.parse(printed)).toEqual(['ERR_SLUICE_LIMIT', relayed, relayed]);
    expect(readFileSync(sink).equals(content)).toBe(true);
  });
});

describe('a relay without a descriptor left for the poller', () => {
  it('fails if it has to wait, and its thread serves the next', async () => {
    const content = randomBytes(2_500_000);
    const sink = join(folder, 'sink-2');
    const fifo = join(folder, 'fifo');
    execFileSync('mkfifo', [fifo]);
    const args = ['poller', fileOf(folder, content), sink, fifo];
    const printed = await start(program, args, { under: few }).rest();
    const hex = createChecksum('adler32').update(content).digest('hex');
    expect(JSON.parse(printed)).toEqual([['ERR_SLUICE_LIMIT', 4], 4, content.length, hex]);
    expect(readFileSync(sink).equals(Buffer.concat([Buffer.from('partrest'), content]))).toBe(true);
  });
});

describe('a relay without a thread left for the poller', () => {
  it('fails if it has to wait, and leaves no descriptor', async () => {
    chmodSync(folder, 0o755);
    const fifo = join(folder, 'silent');
    execFileSync('mkfifo', ['-m', '666', fifo]);
    // The kernel counts a user's threads, and does not hold root to the limit.
    const user = ['setpriv', '--reuid=54321', '--regid=54321', '--clear-groups'];
    const { codes, more } = JSON.parse(await start(program, ['thread', fifo], { under: user }).rest());
    expect(codes).toEqual(['ERR_SLUICE_LIMIT']);
    expect(more).toBeLessThanOrEqual(0); // the thread that failed has given its pipe away
  });
});

describe('pipes that keep bytes for sinks that stall', () => {
  it('are few, and given back', async () => {
    await startPoller(folder);
    const before = openDescriptors();
    const source = openSync(fileOf(folder, 3_000_000), 'r');
    const controller = new AbortController();
    setMaxListeners(0, controller.signal);
    let moving = 0;
    const stalled = await Promise.all(
      Array.from({ length: 60 }, async () => {
        const { ours, theirs } = await connection(folder, 'unix');
        let moved = false;
        const onProgress = () => {
          if (!moved) moving++;
          moved = true;
        };
        const relaying = relay(source, ours, { signal: controller.signal, onProgress });
        return { ours, theirs, relaying: relaying.catch(({ code }) => code) };
      }),
    );
    await expect.poll(() => moving).toBe(60);
    // Both ends of 32, and of those that the threads have.
    expect(pipes()).toBeLessThan(2 * (32 + 16));
    controller.abort();
    for (const { ours, theirs, relaying } of stalled) {
      expect(await relaying).toBe('ERR_SLUICE_ABORTED');
      ours.destroy();
      theirs.destroy();
    }
    await expect.poll(pipes).toBeLessThan(2 * (4 + 16));
    closeSync(source);
    await expect.poll(openDescriptors).toEqual(before);
  });
});

describe('a worker thread that is ended', () => {
  it('leaves no relay and no descriptor', async () => {
    const before = openDescriptors();
    const { end, theirs, close } = await sourceOf(folder, 'fifo');
    const sink = openSync(fileOf(folder, 0), 'r+');
    const workerData = { source: end, sink };
    const worker = new Worker(new URL('programs/worker.mjs', import.meta.url), { workerData });
    const moving = new Promise((resolve) => worker.once('message', resolve));
    theirs.write('bytes');
    await moving;
    await worker.terminate();
    close();
    closeSync(sink);
    theirs.destroy();
    await expect.poll(openDescriptors).toEqual(before);
  });
});

describe.runIf(engines.includes('kernel'))(
  'the kernel engine, while as many threads as can be are at work for something else',
  () => {
    it('has a place for each relay', async () => {
      const content = randomBytes(100_000);
      const source = openSync(fileOf(folder, content), 'r');
      const files = await Promise.all(
        Array.from({ length: 300 }, (_, i) => StagedFile.create(join(folder, `staged-${i}`))),
      );
      const relayed = await Promise.all(files.map(({ fd }) => relay(source, fd, { engine: 'kernel' })));
      const value = createChecksum('adler32').update(content).digest();
      expect(
        new Set(relayed.map(({ backend, checksums }) => `${backend} ${checksums.adler32?.value}`)),
      ).toEqual(new Set([`bpf ${value}`]));
      for (const file of files) await file.discard();
      closeSync(source);
    });
  },
);

describe.runIf(engines.includes('kernel'))('engine auto, where the kernel was measured as faster', () => {
  beforeAll(() => {
    vi.stubEnv('XDG_CACHE_HOME', folder);
    const point = { bytes: 4096, seconds: { userspace: 2, bpf: 1 } };
    storeCalibration(calibrationOf(algorithms.map((algorithm) => ({ algorithm, ...point }))));
  });
  afterAll(() => {
    vi.unstubAllEnvs();
  });

  it('takes the kernel, and goes on in user space where that can not be', async () => {
    const source = openSync(fileOf(folder, 100_000), 'r');
    const path = fileOf(folder, 0);
    const [sink, append] = [openSync(path, 'r+'), openSync(path, 'a+')];
    expect(await relay(source, sink)).toMatchObject({
      backend: 'bpf',
      backendReason: expect.stringContaining('measured here'),
    });
    expect(await relay(source, sink, { range: { end: 4095 } })).toMatchObject({ backend: 'userspace' });
    expect(await relay(source, append)).toMatchObject({
      backend: 'userspace',
      backendReason: 'the kernel stopped at byte 0: the sink is open for appending',
    });
    const proc = openSync('/proc/self/cmdline', 'r');
    const device = openSync('/dev/null', 'w');
    expect(await relay(proc, device)).toMatchObject({
      backend: 'userspace',
      backendReason: expect.stringContaining('takes no splice'),
      checksums: {
        adler32: { value: createChecksum('adler32').update(readFileSync('/proc/self/cmdline')).digest() },
      },
    });
    for (const fd of [source, sink, append, proc, device]) closeSync(fd);
  });
});
