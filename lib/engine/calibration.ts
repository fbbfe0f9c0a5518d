/**
 * What this machine measured, kept in the user's cache folder: which backend is the fastest, by algorithm and size.
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
import { type Backend, backends, traits } from './backends.js';

/** One algorithm over one file size. */
export interface CalibrationPoint {
  algorithm: AlgorithmName;
  /** Size of the file. */
  bytes: number;
  /** Wall-clock seconds of one pass on one thread over a cached file, by what reduced it. User space always has one. */
  seconds: Partial<Record<Backend, number>>;
}

export interface Calibration {
  /** Numbers hold for the machine and the version that they were measured with, and for no other. */
  kernelRelease: string;
  cpuModel: string;
  version: string;
  points: CalibrationPoint[];
}

/** Of the file. What another version wrote in another form is as if it was not there. */
const format = 2;

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
  const { algorithm, bytes, seconds } = value as Record<string, unknown>;
  return (
    algorithms.includes(algorithm as AlgorithmName) &&
    typeof seconds === 'object' &&
    seconds !== null &&
    'userspace' in seconds &&
    [bytes, ...Object.values(seconds)].every((number) => Number.isFinite(number) && (number as number) > 0)
  );
}

function parse(text: string): Calibration | undefined {
  const stored = JSON.parse(text) as (Partial<Calibration> & { format?: unknown }) | null;
  if (stored?.format !== format) return undefined;
  const { format: _, ...read } = stored;
  const here = calibrationOf([]);
  const current =
    read.kernelRelease === here.kernelRelease &&
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
    writeFileSync(temporary, `${JSON.stringify({ format, ...fresh }, null, 2)}\n`, {
      mode: 0o600,
      flag: 'wx',
    });
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

/** What a backend takes for these algorithms together; undefined if one of them was not measured. */
function secondsOf(
  measured: Calibration,
  backend: Backend,
  names: readonly AlgorithmName[],
  bytes: number,
): number | undefined {
  let sum = 0;
  for (const { seconds } of pointsOf(measured, names, bytes)) {
    const taken = seconds[backend];
    if (taken === undefined) return undefined;
    sum += taken;
  }
  return sum;
}

/** A backend, and the size of a file, in bytes, from which on it is the one to take. */
export interface BackendChoice {
  backend: Backend;
  backendFrom: number;
}

/**
 * The size from which on a backend was faster than user space; Infinity if it never was. There is one such size because
 * what a backend in the kernel costs more is a fixed price for each file.
 */
function fasterFrom(measured: Calibration, backend: Backend, names: readonly AlgorithmName[]): number {
  let from = Number.POSITIVE_INFINITY;
  for (const bytes of sizesOf(measured).reverse()) {
    const seconds = secondsOf(measured, backend, names, bytes);
    const userspace = secondsOf(measured, 'userspace', names, bytes);
    if (seconds === undefined || userspace === undefined || seconds >= userspace) break;
    from = bytes;
  }
  return from;
}

/** Of the backends that were faster than user space, for these algorithms together, the one that was so on smaller files. */
export function fastest(measured: Calibration, names: readonly AlgorithmName[]): BackendChoice {
  let choice: BackendChoice = { backend: 'userspace', backendFrom: 0 };
  for (const backend of backends) {
    const backendFrom = fasterFrom(measured, backend, names);
    if (backendFrom === Number.POSITIVE_INFINITY) continue;
    if (choice.backend === 'userspace' || backendFrom < choice.backendFrom) choice = { backend, backendFrom };
  }
  return choice;
}

/** The numbers that speak for one backend or the other on a file of so many bytes, in words. */
export function explain(measured: Calibration, names: readonly AlgorithmName[], bytes: number): string {
  const sizes = sizesOf(measured);
  const nearest = sizes.findLast((size) => size <= bytes) ?? (sizes[0] as number);
  const numbers = pointsOf(measured, names, nearest).map(({ algorithm, seconds }) => {
    const speeds = (Object.entries(seconds) as [Backend, number][]).map(
      ([backend, taken]) => `${(nearest / 1e9 / taken).toFixed(2)} GB/s in ${traits[backend].place}`,
    );
    return `${algorithm} ${speeds.join(', ')}`;
  });
  return `measured here on cached files of ${nearest} bytes: ${numbers.join('; ')}`;
}
