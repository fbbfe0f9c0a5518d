import { SluiceError } from '../errors/errors.js';
import { type ChecksumResult, checksumChecked } from './checksum.js';
import type { FileLike } from './file-like.js';
import { inOrder } from './in-order.js';
import { bad, type ChecksumOptions, checkOptions, defaultThreads } from './options.js';
import { TotalProgress } from './total-progress.js';

export interface ChecksumAllOptions extends Omit<ChecksumOptions, 'range' | 'onProgress' | 'threads'> {
  /** Files summed at once, each by one thread. Default: the machine's cores. */
  threads?: number;
  /** Called whenever a file is done or gets on, with the bytes of all files together. What it throws ends the loop. */
  onProgress?: (bytes: number) => void;
}

/** One file's end: either a result or the error that it met. */
export type ChecksumAllEntry =
  | { source: FileLike; result: ChecksumResult; error?: never }
  | { source: FileLike; error: SluiceError; result?: never };

const known: ReadonlySet<string> = new Set([
  'algorithms',
  'engine',
  'cache',
  'signal',
  'onProgress',
  'threads',
]);

/**
 * Sums many files, several at once, and yields them in the order given. A file that fails yields its error; the others
 * go on. Sources are taken from the iterable only as threads come free, so it may be endless.
 *
 * @throws SluiceError ERR_SLUICE_OPTION, ERR_SLUICE_ALGORITHM at the first step; ERR_SLUICE_ABORTED when the signal fires
 */
export async function* checksumAll(
  sources: Iterable<FileLike> | AsyncIterable<FileLike>,
  options: ChecksumAllOptions = {},
): AsyncGenerator<ChecksumAllEntry, void, undefined> {
  const { threads, onProgress, ...checked } = checkOptions(options, known, defaultThreads);
  checkSources(sources);
  const progress = onProgress && new TotalProgress(onProgress);
  const sum = async (source: FileLike, signal: AbortSignal): Promise<ChecksumAllEntry> => {
    try {
      const own = { ...checked, threads: 1, signal, onProgress: progress?.one() };
      return { source, result: await checksumChecked(source, own, threads) };
    } catch (error) {
      if (!(error instanceof SluiceError)) throw error;
      return { source, error };
    }
  };

  yield* inOrder(sources, sum, { threads, signal: checked.signal, what: 'Summing the files' });
}

/** A path is iterable, too: each of its letters would be a file. */
function checkSources(sources: unknown): void {
  const iterable = typeof sources === 'object' && sources !== null && sources;
  if (!iterable || !(Symbol.iterator in iterable || Symbol.asyncIterator in iterable)) {
    throw bad(`The sources are a list of paths and descriptors, or another iterable, not ${typeof sources}`);
  }
}
