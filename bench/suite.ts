/** The bench suite: which sections there are, and on which files. */

import { mkdtemp, rm, statfs } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { algorithms } from '#lib/engine/algorithms.js';
import { type Calibration, explain, fastest } from '#lib/engine/calibration.js';
import { SluiceError } from '#lib/errors/errors.js';
import { KiB, MiB } from '#lib/measure/binary-size.js';
import { calibrate } from '#lib/measure/calibrate.js';
import { fileError } from '#lib/measure/file-error.js';
import { machine } from '#lib/measure/machine.js';
import type { SuiteOptions } from '#lib/measure/suite.js';
import { machineWarnings, noiseWarnings, StolenTime, sizeWarnings } from '#lib/measure/warnings.js';
import { Yardsticks } from '#lib/measure/yardstick.js';
import { Bench } from './bench.js';
import { roomForUploads, transfers, uploads } from './movements.js';
import { observed, roomForObserved } from './observed.js';
import type { AutoChoice, Report } from './report/report.js';
import { cache, files, memory, threads, throughput, tree } from './sums.js';

function fileSets(quick: boolean): readonly { bytes: number; count: number }[] {
  return [
    { bytes: 4 * KiB, count: quick ? 500 : 10_000 },
    { bytes: 64 * KiB, count: quick ? 100 : 1000 },
    { bytes: MiB, count: quick ? 10 : 100 },
    { bytes: 16 * MiB, count: quick ? 1 : 10 },
  ];
}

/** The largest file, and a smaller one. */
function largeSizes({ size, quick }: SuiteOptions): number[] {
  return quick ? [size] : [...new Set([Math.min(64 * MiB, size), size])];
}

async function checkRoom(folder: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize < bytes * 1.1) {
    throw new SluiceError(
      'ERR_SLUICE_OPTION',
      `${folder} has no room for ${bytes} bytes of files; free some, or give a smaller --size`,
      { path: folder },
    );
  }
}

async function autoChoices(bench: Bench): Promise<AutoChoice[]> {
  if (!bench.kernel.available) {
    const reason = bench.kernel.error.message;
    return algorithms.map((algorithm) => ({ algorithm, backend: 'userspace', backendFrom: 0, reason }));
  }
  const { signal, onProgress } = bench.options;
  onProgress?.('calibrating');
  const measured: Calibration = await calibrate(signal && { signal });
  return algorithms.map((algorithm) => {
    const choice = fastest(measured, [algorithm]);
    return {
      algorithm,
      ...choice,
      reason: explain(measured, [algorithm], choice.backendFrom || bench.options.size),
    };
  });
}

/** What this library does itself. */
async function measureOwn(bench: Bench): Promise<void> {
  const { size, quick } = bench.options;
  await memory(bench);
  for (const { bytes, count } of fileSets(quick)) await files(bench, bytes, count);
  for (const bytes of largeSizes(bench.options)) await throughput(bench, bytes);
  await threads(bench, size);
  await tree(bench, quick ? 500 : 50_000);
  await transfers(bench, size);
  await uploads(bench, size);
  await cache(bench, Math.min(size, 256 * MiB));
}

/**
 * Runs all of it. The files are made in a new folder within `folder`, and removed whatever happens.
 *
 * @throws SluiceError where there is no room, ERR_SLUICE_ABORTED, DifferingValuesError
 */
export async function measureAll(options: SuiteOptions): Promise<Report> {
  const { size, quick, signal } = options;
  const on = machine(options.folder);
  const startedAt = new Date().toISOString();
  const before = machineWarnings(on);
  const stolen = new StolenTime();
  let folder: string | undefined;
  try {
    // The largest file and what it is copied to, or the small ones.
    await checkRoom(options.folder, Math.max(2 * size, roomForUploads(quick), roomForObserved(quick)));
    // Programs that are started take relative paths from elsewhere.
    folder = await mkdtemp(join(resolve(options.folder), 'sluice-bench-'));
    const yardsticks = await Yardsticks.find();
    const bench = new Bench(options, folder, yardsticks);
    const auto = options.only === 'observe' ? [] : await autoChoices(bench);
    if (options.only !== 'observe') await measureOwn(bench);
    await observed(bench);
    return {
      machine: on,
      options: { folder: options.folder, size, quick },
      startedAt,
      sections: bench.sections,
      auto,
      warnings: [
        ...before,
        ...sizeWarnings(size),
        ...stolen.warnings(),
        ...noiseWarnings(bench.sections.flatMap((section) => section.rows)),
        ...new Set(bench.warnings),
      ],
      missing: [...bench.missing],
    };
  } catch (error) {
    if (!signal?.aborted) throw fileError(error, options.folder);
    throw new SluiceError('ERR_SLUICE_ABORTED', 'The bench suite was abandoned', { cause: error });
  } finally {
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  }
}
