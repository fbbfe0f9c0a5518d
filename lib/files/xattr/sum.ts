import type { BigIntStats } from 'node:fs';
import { type ChecksumResult, checksumChecked } from '../../checksum/checksum.js';
import {
  bad,
  type ChecksumOptions,
  checkFunction,
  checkOptions,
  checkThreads,
  defaultThreads,
  rejectUnknown,
} from '../../checksum/options.js';
import type { AlgorithmName } from '../../engine/algorithms.js';
import { Checksums } from '../../engine/checksums.js';
import { SluiceError } from '../../errors/errors.js';
import { Throttle } from './throttle.js';
import { stampsOf, untouched } from './version.js';

/** How files are read to be summed. */
export interface SumWay extends Pick<ChecksumOptions, 'engine' | 'cache' | 'signal' | 'onProgress'> {
  /** Files that are summed at once, by all such calls. Default: the machine's cores. */
  threads?: number;
  /** Holds the reads back. Default: nothing does. */
  throttle?: Throttle;
}

const known: ReadonlySet<string> = new Set([
  'engine',
  'cache',
  'signal',
  'threads',
  'throttle',
  'onProgress',
] satisfies (keyof SumWay)[]);

/**
 * Throws ERR_SLUICE_OPTION for what is no way. To be asked before a file is read.
 *
 * @param others names of options that are checked elsewhere
 */
export function checkWay(options: SumWay, others: readonly string[]): void {
  rejectUnknown(options, new Set([...known, ...others]));
  const { engine = 'auto', cache = 'use', signal, threads, throttle, onProgress } = options;
  checkOptions({ engine, cache, ...(signal !== undefined && { signal }) });
  if (threads !== undefined) checkThreads(threads);
  if (throttle !== undefined && !(throttle instanceof Throttle))
    throw bad('The option throttle is a Throttle');
  checkFunction('onProgress', onProgress);
}

/** What summing a file tells, as `checksum` says it. */
export type Summing = Pick<ChecksumResult, 'checksums' | 'bytes' | 'cache' | 'backend' | 'backendReason'>;

export interface GuardedSumming extends Summing {
  /** Whether nobody is known to be able to write to the file: the caller's own descriptor is not for writing either. */
  guarded: boolean;
}

/**
 * The checksums of a file that nobody touches meanwhile.
 *
 * @param before its settled stamps
 */
export async function sumVersion(
  fd: number,
  before: BigIntStats,
  algorithms: readonly AlgorithmName[],
  { throttle, threads = defaultThreads, onProgress, ...options }: SumWay,
): Promise<GuardedSumming> {
  const size = Number(before.size);
  const summed: GuardedSumming = {
    checksums: Checksums.ofNothing(algorithms),
    bytes: size,
    cache: options.cache === 'bypass' ? 'bypassed' : 'used',
    backend: 'userspace',
    backendReason: 'the file is empty',
    guarded: true,
  };
  const piece = throttle?.piece ?? size;
  // Every piece is guarded against writers by a lease of its own. What happens between two moves ctime: a mapping whose
  // stores do not was there before, and is seen by the next lease.
  for (let start = 0; start < size; start += piece) {
    const end = Math.min(start + piece, size);
    await throttle?.take(end - start, options.signal);
    const checked = checkOptions({
      ...options,
      algorithms,
      ...(onProgress && { onProgress: (bytes) => onProgress(start + bytes) }),
      range: { start, end },
    });
    const { checksums, cache, writers, backend, backendReason } = await checksumChecked(fd, checked, threads);
    if (cache === 'fell-back') summed.cache = cache;
    if (writers === 'self') summed.guarded = false;
    summed.checksums = summed.checksums.append(checksums, end - start);
    Object.assign(summed, { backend, backendReason });
  }
  if (!untouched(await stampsOf(fd), before)) {
    throw new SluiceError('ERR_SLUICE_CHANGED', 'The file changed while it was read');
  }
  return summed;
}
