import { availableParallelism } from 'node:os';
import { type AlgorithmName, algorithmIndex } from '../engine/algorithms.js';
import { type EngineChoice, engineChoices } from '../engine/backends.js';
import { maxThreads } from '../engine/threads.js';
import { SluiceError } from '../errors/errors.js';
import { shown } from '../shown.js';

/** Bytes from `start` (default: 0) up to, not including, `end` (default: all the rest). */
export interface ByteRange {
  start?: number;
  end?: number;
}

export interface ChecksumOptions {
  /** Computed in one pass over the data. Default: `['adler32']`. */
  algorithms?: readonly AlgorithmName[];
  /**
   * - `auto` (default) takes what this machine measured as fastest and goes on in user space if the kernel stops;
   * - `kernel` insists on the kernel, and fails with ERR_SLUICE_NO_CAPABILITY, ERR_SLUICE_VERIFIER or
   *   ERR_SLUICE_KERNEL_ENGINE where it can't;
   * - `userspace` leaves the kernel out.
   */
  engine?: EngineChoice;
  /** Both ends must lie within the file. Default: all of it. */
  range?: ByteRange;
  /**
   * - `use` (default) reads through the page cache;
   * - `bypass` reads with O_DIRECT and leaves the page cache as it was; the result's `cache` says where the file system
   *   could not.
   */
  cache?: 'use' | 'bypass';
  /** Abandons the work with ERR_SLUICE_ABORTED, at the latest after the piece (2 MiB) being read. */
  signal?: AbortSignal;
  /** Called now and then with the bytes reduced so far. What it throws ends the call. */
  onProgress?: (bytes: number) => void;
  /** Threads that share one file of 32 MiB or more. Default: 1. */
  threads?: number;
}

export interface CheckedOptions {
  algorithms: readonly AlgorithmName[];
  engine: EngineChoice;
  start: number;
  end: number | undefined;
  bypassCache: boolean;
  signal: AbortSignal | undefined;
  onProgress: ((bytes: number) => void) | undefined;
  threads: number;
}

const known: ReadonlySet<string> = new Set([
  'algorithms',
  'engine',
  'range',
  'cache',
  'signal',
  'onProgress',
  'threads',
]);

export function bad(reason: string): SluiceError {
  return new SluiceError('ERR_SLUICE_OPTION', reason);
}

/** Throws ERR_SLUICE_OPTION for the first name that is not among `names`. */
export function rejectUnknown(options: object, names: ReadonlySet<string>): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    throw bad(`Options are an object, not ${shown(options)}`);
  for (const name of Object.keys(options)) {
    if (!names.has(name))
      throw bad(`There is no option ${JSON.stringify(name)}; there are ${[...names].join(', ')}`);
  }
}

export function oneOf<T extends string>(name: string, value: unknown, values: readonly T[]): T {
  if (!values.includes(value as T)) {
    throw bad(`The option ${name} is one of ${values.join(', ')}, not ${shown(value)}`);
  }
  return value as T;
}

export function checkEngine(value: unknown = 'auto'): EngineChoice {
  return oneOf('engine', value, engineChoices);
}

export function byteCount(name: string, value: unknown): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0) {
    throw bad(`The option ${name} is a number of bytes, not ${shown(value)}`);
  }
  return value as number;
}

/** A list of names, each one of those there are, and each once. */
export function someOf<T extends string>(name: string, value: unknown, values: readonly T[]): T[] {
  if (!Array.isArray(value)) throw bad(`The option ${name} is a list of names, not ${shown(value)}`);
  return [...new Set(value.map((each) => oneOf(name, each, values)))];
}

export function flag(name: string, value: unknown): boolean {
  if (typeof value !== 'boolean') throw bad(`The option ${name} is true or false, not ${shown(value)}`);
  return value;
}

export function checkFunction(name: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'function')
    throw bad(`The option ${name} is a function, not ${shown(value)}`);
}

export function checkSignal(value: unknown): void {
  if (value !== undefined && !(value instanceof AbortSignal))
    throw bad(`The option signal is an AbortSignal, not ${shown(value)}`);
}

/** How long a peer may let no byte through, in milliseconds. A timer of Node's can't wait for 2^31 of them. */
export function checkIdleTimeout(value: unknown): number {
  if (typeof value === 'number' && value > 0 && value < 2 ** 31) return value;
  throw bad(`The option idleTimeout is a number of milliseconds above 0, not ${shown(value)}`);
}

/** How many threads may be asked for: from 1 to as many as the kernel engine has slots for sums. */
export function checkThreads(value: unknown): number {
  if (!Number.isInteger(value) || (value as number) < 1 || (value as number) > maxThreads) {
    throw bad(`The option threads is a whole number from 1 to ${maxThreads}, not ${shown(value)}`);
  }
  return value as number;
}

/** Threads that work when nothing is said about them. */
export const defaultThreads: number = Math.min(availableParallelism(), maxThreads);

/** The algorithms asked for, each once. */
export function checkAlgorithms(names: unknown = ['adler32']): AlgorithmName[] {
  if (!Array.isArray(names) || names.length === 0) {
    throw bad('The option algorithms is a list of at least one name');
  }
  names.forEach(algorithmIndex);
  return [...new Set(names as AlgorithmName[])];
}

export function checkRange(range: unknown = {}): { start: number; end: number | undefined } {
  rejectUnknown(range as object, new Set(['start', 'end']));
  const { start: from, end: to } = range as ByteRange;
  const start = byteCount('range.start', from === undefined ? 0 : from);
  const end = to === undefined ? undefined : byteCount('range.end', to);
  if (end !== undefined && end < start)
    throw bad(`The option range ends (${end}) before it starts (${start})`);
  return { start, end };
}

/** @param usualThreads where none are asked for */
export function checkOptions(
  options: ChecksumOptions,
  names: ReadonlySet<string> = known,
  usualThreads = 1,
): CheckedOptions {
  rejectUnknown(options, names);
  const { engine, cache = 'use', threads = usualThreads, signal, onProgress } = options;
  const algorithms = checkAlgorithms(options.algorithms);
  const range = checkRange(options.range);
  checkSignal(signal);
  checkFunction('onProgress', onProgress);
  return {
    algorithms,
    engine: checkEngine(engine),
    ...range,
    bypassCache: oneOf('cache', cache, ['use', 'bypass']) === 'bypass',
    signal,
    onProgress,
    threads: checkThreads(threads),
  };
}
