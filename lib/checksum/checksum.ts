import { type AlgorithmName, algorithmMask } from '../engine/algorithms.js';
import type { ChecksumValue } from '../engine/checksums.js';
import { chooseEngine } from '../engine/choose.js';
import { type Measured, measuredBy, runJob } from '../engine/job.js';
import { SluiceError } from '../errors/errors.js';
import { type NativeJob, type NativeOutcome, native } from '../native/index.js';
import { readFailure } from '../system/native-failures.js';
import { type FileLike, locate } from './file-like.js';
import { type CheckedOptions, type ChecksumOptions, checkOptions, defaultThreads } from './options.js';

export interface ChecksumResult extends Measured {
  /** Value of the first algorithm asked for. */
  value: bigint;
  /** The same in hexadecimal. */
  hex: string;
  /** Bytes reduced. */
  bytes: number;
  /**
   * What is known of others who might have written while the file was read. A file that is known to have changed, or
   * that somebody else has open for writing, has no result at all.
   *
   * - `none`: a read lease proves that nobody had the file open for writing, or mapped writable. It does not tell of
   *   what the kernel still writes for somebody who no longer has either: a read with O_DIRECT into a shared mapping
   *   goes on when that is unmapped. Nor does it tell of root, who can write to the block device;
   * - `self`: the descriptor handed in is itself open for writing; sizes and time stamps did not move;
   * - `unknown`: no lease is to be had (not the owner and no CAP_LEASE), or it proves nothing (a network file system,
   *   overlayfs; tmpfs and hugetlbfs, where pages may stay pinned for writing); sizes and time stamps did not move, but
   *   a store through a shared mapping would not have moved them.
   */
  writers: 'none' | 'self' | 'unknown';
  /** Whether the page cache was used, bypassed, or used because the file system can't do without. */
  cache: 'used' | 'bypassed' | 'fell-back';
}

function resultOf(outcome: NativeOutcome, options: CheckedOptions, reason: string): ChecksumResult {
  const measured = measuredBy(outcome, options.algorithms, reason);
  const first = measured.checksums[options.algorithms[0] as AlgorithmName] as ChecksumValue;
  const { bytes, writers, cache } = outcome;
  return { ...measured, ...first, bytes, writers, cache };
}

/** @internal One file, with options already checked; `pool` threads may work on all files of the process together. */
export async function checksumChecked(
  source: FileLike,
  options: CheckedOptions,
  pool: number,
): Promise<ChecksumResult> {
  const { what, path, at } = locate(source);
  const { signal, onProgress } = options;
  const aborted = () =>
    new SluiceError('ERR_SLUICE_ABORTED', `Summing ${what} was abandoned`, { path, cause: signal?.reason });
  if (signal?.aborted) throw aborted();
  const decision = chooseEngine(options.engine, options.algorithms);

  const request = {
    source: at,
    algorithms: algorithmMask(options.algorithms),
    backend: decision.backend,
    backendFrom: decision.backendFrom,
    fallback: options.engine === 'auto',
    bypassCache: options.bypassCache,
    start: options.start,
    end: options.end ?? -1,
    threads: options.threads,
    pool,
  };
  const outcome = await runJob<NativeJob, NativeOutcome>(
    (done) => native.checksum(request, done),
    signal,
    (job, call) => {
      const timer = onProgress && setInterval(() => call(() => onProgress(job.bytes())), 100).unref();
      return () => clearInterval(timer);
    },
  );
  if (outcome.failure === 'aborted') throw aborted();
  if (outcome.failure) throw readFailure(outcome, what, path);
  onProgress?.(outcome.bytes);
  return resultOf(outcome, options, decision.reason(outcome.bytes));
}

/**
 * Sums a regular file, in the kernel or in user space.
 *
 * The value is that of the file's bytes at one moment: if the file changed meanwhile, or another process has it
 * open for writing, there is an error instead of a value. Where the result's `writers` is not `none`, that is known from
 * time stamps alone.
 *
 * @throws SluiceError with a `code` that says what went wrong; see the table in lib/errors/errors.ts
 */
export async function checksum(source: FileLike, options: ChecksumOptions = {}): Promise<ChecksumResult> {
  const checked = checkOptions(options);
  return checksumChecked(source, checked, Math.max(checked.threads, defaultThreads));
}
