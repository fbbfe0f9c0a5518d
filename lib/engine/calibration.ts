/**
 * What this machine measured, kept in the user's cache folder: which engine is the faster one, by algorithm and size.
 * lib/measure/calibrate.ts measures; here it is stored, found again and interpreted.
 */

import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { cpus, homedir, release } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { makeFolders } from '../files/make-folders.js';
import { version } from '../version.js';
import { type AlgorithmName, algorithms } from './algorithms.js';

/** One algorithm over one file size: wall-clock seconds of one pass on one thread, cached. */
export interface CalibrationPoint {
  algorithm: AlgorithmName;
  /** Size of the file. */
  bytes: number;
  userspaceSeconds: number;
  kernelSeconds: number;
}

export interface Calibration {
  /** Numbers hold for the machine and the version that they were measured with, and for no other. */
  kernelRelease: string;
  cpuModel: string;
  version: string;
  points: CalibrationPoint[];
}

/** Marks points as measured here and now. */
export function calibrationOf(points: CalibrationPoint[]): Calibration {
  return { kernelRelease: release(), cpuModel: cpus()[0]?.model ?? 'unknown', version, points };
}

/** By the XDG base directory specification, which says to ignore a path that is not absolute. */
export function calibrationPath(): string {
  const cache = process.env['XDG_CACHE_HOME'];
  return join(cache && isAbsolute(cache) ? cache : join(homedir(), '.cache'), 'sluice', 'calibration.json');
}

function isPoint(value: unknown): value is CalibrationPoint {
  if (typeof value !== 'object' || value === null) return false;
  const { algorithm, bytes, userspaceSeconds, kernelSeconds } = value as Record<string, unknown>;
  return (
    algorithms.includes(algorithm as AlgorithmName) &&
    [bytes, userspaceSeconds, kernelSeconds].every(
      (number) => Number.isFinite(number) && (number as number) > 0,
    )
  );
}

function parse(text: string): Calibration | undefined {
  const read = JSON.parse(text) as Partial<Calibration> | null;
  const here = calibrationOf([]);
  const current =
    read?.kernelRelease === here.kernelRelease &&
    read.cpuModel === here.cpuModel &&
    read.version === here.version &&
    Array.isArray(read.points) &&
    read.points.every(isPoint) &&
    algorithms.every((name) => read.points?.some((point) => point.algorithm === name));
  return current ? (read as Calibration) : undefined;
}

/** Whatever is wrong with the file (another machine's, another user's, damaged, not there), it is as if there was none. */
function load(): Calibration | undefined {
  let fd: number;
  try {
    fd = openSync(calibrationPath(), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
  try {
    const { uid, mode } = fstatSync(fd);
    const othersMayWrite = (mode & 0o022) !== 0;
    if (uid !== process.geteuid?.() || othersMayWrite) return undefined;
    return parse(readFileSync(fd, 'utf8'));
  } catch {
    return undefined;
  } finally {
    closeSync(fd);
  }
}

let loaded = false;
let known: Calibration | undefined;

/** The calibration of this machine, if there is one. The file is read once. */
export function calibration(): Calibration | undefined {
  if (!loaded) {
    known = load();
    loaded = true;
  }
  return known;
}

/**
 * Makes the calibration known to this process, and to later ones of this user.
 *
 * @returns whether it could be written; if not, it holds for this process
 */
export function storeCalibration(fresh: Calibration): boolean {
  known = fresh;
  loaded = true;
  const path = calibrationPath();
  // Complete or not at all: another process may be reading it.
  const temporary = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    makeFolders(dirname(path), 0o700);
    writeFileSync(temporary, `${JSON.stringify(fresh, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
    renameSync(temporary, path);
    return true;
  } catch {
    // Where it could not even be made, removing it would be another error.
    if (existsSync(temporary)) rmSync(temporary);
    return false;
  }
}

function pointsOf(
  { points }: Calibration,
  names: readonly AlgorithmName[],
  bytes: number,
): CalibrationPoint[] {
  return points.filter((point) => point.bytes === bytes && names.includes(point.algorithm));
}

function sizesOf({ points }: Calibration): number[] {
  return [...new Set(points.map((point) => point.bytes))].sort((a, b) => a - b);
}

/**
 * The size of a file, in bytes, from which on the kernel was the faster one for these algorithms together; Infinity if
 * it never was. There is one such size because what the kernel engine costs more is a fixed price for each file.
 */
export function kernelFrom(measured: Calibration, names: readonly AlgorithmName[]): number {
  let from = Number.POSITIVE_INFINITY;
  for (const bytes of sizesOf(measured).reverse()) {
    let lead = 0;
    for (const each of pointsOf(measured, names, bytes)) lead += each.userspaceSeconds - each.kernelSeconds;
    if (lead <= 0) break;
    from = bytes;
  }
  return from;
}

/** The numbers that speak for one engine or the other on a file of so many bytes, in words. */
export function explain(measured: Calibration, names: readonly AlgorithmName[], bytes: number): string {
  const sizes = sizesOf(measured);
  const nearest = sizes.findLast((size) => size <= bytes) ?? (sizes[0] as number);
  const numbers = pointsOf(measured, names, nearest).map(({ algorithm, userspaceSeconds, kernelSeconds }) => {
    const speed = (seconds: number) => `${(nearest / 1e9 / seconds).toFixed(2)} GB/s`;
    return `${algorithm} ${speed(userspaceSeconds)} in user space, ${speed(kernelSeconds)} in the kernel`;
  });
  return `measured here on cached files of ${nearest} bytes: ${numbers.join('; ')}`;
}
