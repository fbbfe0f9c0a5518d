/** Measures which backend is the fastest here, for `auto`: the same rounds as everywhere, only few and short. */

import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { algorithms } from '../engine/algorithms.js';
import { type Backend, backends } from '../engine/backends.js';
import {
  type Calibration,
  type CalibrationPoint,
  calibrationOf,
  storeCalibration,
} from '../engine/calibration.js';
import { kernelEngine } from '../engine/taps/pipe.js';
import { SluiceError } from '../errors/errors.js';
import { reducedBy } from './contestants.js';
import { fileError } from './file-error.js';
import { type Measurement, measureRounds } from './rounds.js';
import { settle } from './settling.js';

/** Where only the price of a file counts, where the caches still hold it, and where nothing counts but the bytes. */
const sizes = [4096, 256 * 1024, 8 * 1024 * 1024];

const rounds = 3;
const sampleMilliseconds = 2;

function pointsOf(bytes: number, measured: readonly Measurement[]): CalibrationPoint[] {
  const secondsOf = (backend: Backend, algorithm: string) => {
    const found = measured.find(
      ({ parameters }) => parameters.backend === backend && parameters.algorithm === algorithm,
    ) as Measurement;
    // Of so few rounds the fastest: whatever disturbs only makes them slower.
    return Math.min(...found.samples.map((each) => each.wallNs)) / 1e9;
  };
  return algorithms.map((algorithm) => ({
    algorithm,
    bytes,
    seconds: Object.fromEntries(backends.map((backend) => [backend, secondsOf(backend, algorithm)])),
  }));
}

/**
 * Measures both engines on a few small files in the folder for temporary files, which takes about half a second, and
 * keeps the result in the user's cache folder ($XDG_CACHE_HOME/sluice/calibration.json), where `engine: 'auto'` finds it
 * from then on. Where that can't be written the result holds for this process.
 *
 * @throws SluiceError where the kernel engine can't be had (there is nothing to choose from then), or
 *   ERR_SLUICE_ABORTED
 */
export async function calibrate(options: { signal?: AbortSignal } = {}): Promise<Calibration> {
  const kernel = kernelEngine();
  if (!kernel.available) throw kernel.error;
  let folder: string | undefined;
  try {
    const made = await mkdtemp(join(tmpdir(), 'sluice-calibration-'));
    folder = made;
    const paths = sizes.map((bytes) => join(made, String(bytes)));
    await Promise.all(sizes.map((bytes, i) => writeFile(paths[i] as string, randomBytes(bytes))));
    await settle();
    const points: CalibrationPoint[] = [];
    for (const [i, bytes] of sizes.entries()) {
      const path = paths[i] as string;
      const contestants = algorithms.flatMap((algorithm) =>
        backends.map((backend) => reducedBy(path, backend, algorithm)),
      );
      const measured = await measureRounds(contestants, { rounds, sampleMilliseconds, ...options });
      points.push(...pointsOf(bytes, measured));
    }
    const fresh = calibrationOf(points);
    storeCalibration(fresh);
    return fresh;
  } catch (error) {
    if (!options.signal?.aborted) throw fileError(error, tmpdir());
    throw new SluiceError('ERR_SLUICE_ABORTED', 'The calibration was abandoned', { cause: error });
  } finally {
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  }
}
