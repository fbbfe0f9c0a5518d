import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { engines } from '../helpers/engines.js';
import { fileOf, temporaryFolder } from '../helpers/files.js';
import { start } from '../helpers/program.js';

const folder = temporaryFolder();
let cache: string;
let caches = 0;

/** As a new process would find it: nothing is known yet. */
async function freshModules() {
  vi.resetModules();
  return {
    ...(await import('../../lib/engine/calibration.js')),
    ...(await import('../../lib/engine/choose.js')),
    ...(await import('../../lib/index.js')),
  };
}

beforeEach(() => {
  cache = join(folder, `cache-${caches++}`);
  vi.stubEnv('XDG_CACHE_HOME', cache);
});

/** Numbers as if the kernel took half as long for adler32 from 256 KiB on, and never for crc32. */
function points() {
  const point = (
    algorithm: 'adler32' | 'crc32' | 'crc32c' | 'crc64nvme',
    bytes: number,
    kernelFactor: number,
  ) => ({
    algorithm,
    bytes,
    seconds: { userspace: bytes / 8e9, bpf: (bytes / 8e9) * kernelFactor },
  });
  return [
    point('adler32', 4096, 2),
    point('adler32', 262_144, 0.5),
    point('adler32', 8_388_608, 0.5),
    point('crc32', 4096, 2),
    point('crc32', 262_144, 2),
    point('crc32', 8_388_608, 2),
    point('crc32c', 262_144, 0.5),
    point('crc32c', 8_388_608, 2),
    point('crc64nvme', 262_144, 0.5),
    point('crc64nvme', 8_388_608, 0.5),
  ];
}

describe('a stored calibration', () => {
  it('is found by the next process, readable by its owner alone, with no temporary file left', async () => {
    const first = await freshModules();
    expect(first.calibration()).toBeUndefined();
    const stored = first.calibrationOf(points());
    expect(first.storeCalibration(stored)).toBe(true);
    const path = first.calibrationPath();
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(path)).mode & 0o777).toBe(0o700);
    expect(readdirSync(dirname(path))).toEqual(['calibration.json']);
    const second = await freshModules();
    expect(second.calibration()).toEqual(stored);
  });

  it.each([
    ['is cut off', (text: string) => text.slice(0, -20)],
    ['is empty', () => ''],
    ['is null', () => 'null'],
    ['is of another kernel', (text: string) => text.replace(/("kernelRelease": ")/, '$1other-')],
    ['is of another processor', (text: string) => text.replace(/("cpuModel": ")/, '$1other-')],
    ['is of another version', (text: string) => text.replace(/("version": ")/, '$19')],
    ['has a time of zero', (text: string) => text.replace(/("bpf": )[^,\n]+/, '$10')],
    ['has no time of user space', (text: string) => text.replace('"userspace"', '"other"')],
    ['is of another format', (text: string) => text.replace('"format": 2', '"format": 1')],
    ['has no format', (text: string) => text.replace(/\s*"format": 2,/, '')],
    ['lacks an algorithm', (text: string) => text.replaceAll('"crc64nvme"', '"adler32"')],
    ['has no points', (text: string) => `${JSON.stringify({ ...JSON.parse(text), points: {} })}`],
  ])('is ignored if it %s, and can be written anew', async (_, damage) => {
    const first = await freshModules();
    const stored = first.calibrationOf(points());
    first.storeCalibration(stored);
    const path = first.calibrationPath();
    const damaged = damage(readFileSync(path, 'utf8'));
    expect(damaged).not.toBe(readFileSync(path, 'utf8'));
    writeFileSync(path, damaged);
    const second = await freshModules();
    expect(second.calibration()).toBeUndefined();
    expect(second.storeCalibration(stored)).toBe(true);
    expect((await freshModules()).calibration()).toEqual(stored);
  });

  it('is ignored if others may write it, or it is a link', async () => {
    const first = await freshModules();
    first.storeCalibration(first.calibrationOf(points()));
    const path = first.calibrationPath();
    chmodSync(path, 0o666);
    expect((await freshModules()).calibration()).toBeUndefined();
    const text = readFileSync(path);
    cache = `${cache}-link`;
    vi.stubEnv('XDG_CACHE_HOME', cache);
    mkdirSync(join(cache, 'sluice'), { recursive: true });
    writeFileSync(join(cache, 'real.json'), text, { mode: 0o600 });
    symlinkSync(join(cache, 'real.json'), join(cache, 'sluice', 'calibration.json'));
    expect((await freshModules()).calibration()).toBeUndefined();
  });

  it('holds for this process where it can not be written', async () => {
    writeFileSync(cache, 'a file where the folder should be');
    const { storeCalibration, calibrationOf, calibration } = await freshModules();
    const fresh = calibrationOf(points());
    expect(storeCalibration(fresh)).toBe(false);
    expect(calibration()).toBe(fresh);
  });

  it('holds for this process where the cache folder can not be made', async () => {
    // In a process of its own, so that it ends also if it would try for ever.
    const env = { ...process.env, XDG_CACHE_HOME: '/proc/nope' };
    const printed = await start(new URL('programs/storing.mjs', import.meta.url), [], { env }).rest();
    expect(JSON.parse(printed)).toEqual({ stored: false, kept: true });
  });

  it('is not looked for under a relative XDG_CACHE_HOME', async () => {
    vi.stubEnv('XDG_CACHE_HOME', 'relative');
    vi.stubEnv('HOME', '/home/somebody');
    expect((await freshModules()).calibrationPath()).toBe('/home/somebody/.cache/sluice/calibration.json');
  });
});

describe('what a calibration says', () => {
  it('is a backend, and a size from which on it was faster throughout', async () => {
    const { calibrationOf, fastest } = await freshModules();
    const userspace = { backend: 'userspace', backendFrom: 0 };
    const measured = calibrationOf(points());
    expect(fastest(measured, ['adler32'])).toEqual({ backend: 'bpf', backendFrom: 262_144 });
    expect(fastest(measured, ['crc32'])).toEqual(userspace);
    expect(fastest(measured, ['crc32c'])).toEqual(userspace);
    // Together: what adler32 saves in the kernel, crc32 loses twice.
    expect(fastest(measured, ['adler32', 'crc32'])).toEqual(userspace);
  });

  it('is user space where no other backend was measured', async () => {
    const { calibrationOf, fastest, explain } = await freshModules();
    const measured = calibrationOf([{ algorithm: 'crc32', bytes: 4096, seconds: { userspace: 1e-6 } }]);
    expect(fastest(measured, ['crc32'])).toEqual({ backend: 'userspace', backendFrom: 0 });
    expect(explain(measured, ['crc32'], 4096)).toMatch(/: crc32 4.10 GB\/s in user space$/);
  });

  it('is put into words with the numbers of the nearest size below', async () => {
    const { calibrationOf, explain } = await freshModules();
    const measured = calibrationOf(points());
    expect(explain(measured, ['adler32'], 1_000_000)).toBe(
      'measured here on cached files of 262144 bytes: adler32 8.00 GB/s in user space, 16.00 GB/s in the kernel',
    );
    expect(explain(measured, ['crc32'], 10)).toMatch(
      /files of 4096 bytes: crc32 8.00 GB\/s.*, 4.00 GB\/s in/,
    );
  });
});

describe('auto', () => {
  it('is user space as long as nothing was measured, and says so', async () => {
    const { checksum } = await freshModules();
    const result = await checksum(fileOf(folder, 1000));
    expect(result).toMatchObject({ backend: 'userspace' });
    expect(result.backendReason).toMatch(/not calibrated/);
  });

  it.runIf(engines.includes('kernel'))(
    'takes the faster engine by algorithm and size, with the numbers',
    async () => {
      const { checksum, storeCalibration, calibrationOf } = await freshModules();
      storeCalibration(calibrationOf(points()));
      const [small, large] = [fileOf(folder, 262_143), fileOf(folder, 262_144)];
      expect(await checksum(large)).toMatchObject({ backend: 'bpf' });
      expect((await checksum(large)).backendReason).toMatch(/16.00 GB\/s in the kernel/);
      expect(await checksum(small)).toMatchObject({ backend: 'userspace' });
      expect(await checksum(large, { algorithms: ['crc32'] })).toMatchObject({ backend: 'userspace' });
      // What counts is how much there is to reduce.
      expect(await checksum(large, { range: { start: 1 } })).toMatchObject({ backend: 'userspace' });
    },
  );
});

describe.runIf(engines.includes('kernel'))('calibrate', () => {
  it('measures every algorithm on both engines, stores it, and leaves no other file', async () => {
    const temporary = join(folder, 'temporary');
    mkdirSync(temporary);
    vi.stubEnv('TMPDIR', temporary);
    const { calibrate, calibrationPath, algorithms } = await freshModules();
    const measured = await calibrate();
    expect(JSON.parse(readFileSync(calibrationPath(), 'utf8'))).toEqual({ format: 2, ...measured });
    for (const algorithm of algorithms) {
      const found = measured.points.filter((point) => point.algorithm === algorithm);
      expect(found.map((point) => point.bytes)).toEqual([4096, 262_144, 8_388_608]);
      for (const point of found) {
        expect(point.seconds).toEqual({ userspace: expect.any(Number), bpf: expect.any(Number) });
      }
    }
    expect(readdirSync(temporary)).toEqual([]);
  });

  it('is abandoned by its signal, with nothing stored and no file left', async () => {
    const temporary = join(folder, 'temporary-abort');
    mkdirSync(temporary);
    vi.stubEnv('TMPDIR', temporary);
    const { calibrate, calibration } = await freshModules();
    await expect(calibrate({ signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'ERR_SLUICE_ABORTED',
    });
    expect(calibration()).toBeUndefined();
    expect(readdirSync(temporary)).toEqual([]);
  });
});
