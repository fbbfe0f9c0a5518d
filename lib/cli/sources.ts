/** Sums the FILEs of a command line, standard input among them. */

import type { ChecksumResult } from '../checksum/checksum.js';
import { checksum } from '../checksum/checksum.js';
import { checksumAll } from '../checksum/checksum-all.js';
import { RunningChecksums } from '../checksum/running-checksums.js';
import type { AlgorithmName } from '../engine/algorithms.js';
import type { EngineChoice } from '../engine/backends.js';
import type { ChecksumValue } from '../engine/checksums.js';
import { SluiceError } from '../errors/errors.js';
import { readChunks, standardInput } from './input.js';

export interface SumOptions {
  algorithms: readonly AlgorithmName[];
  engine: EngineChoice;
  cache: 'use' | 'bypass';
  /** Files summed at once; where there is one FILE, threads that share it. */
  threads: number | undefined;
  signal: AbortSignal;
  /** Called now and then with the bytes of all FILEs reduced so far. */
  onProgress: (bytes: number) => void;
}

/** What became of one FILE. */
export type Summed =
  | { name: string; result: ChecksumResult; error?: never }
  | { name: string; error: SluiceError; result?: never };

async function attempt(name: string, sum: () => Promise<ChecksumResult>): Promise<Summed> {
  try {
    return { name, result: await sum() };
  } catch (error) {
    if (!(error instanceof SluiceError) || error.code === 'ERR_SLUICE_ABORTED') throw error;
    return { name, error };
  }
}

/** Why standard input gets no value where the kernel engine is asked for. */
export function noKernelForStreams(): SluiceError {
  return new SluiceError(
    'ERR_SLUICE_KERNEL_ENGINE',
    'Standard input is read as a stream, which the kernel engine does not sum',
  );
}

/** Standard input may be a pipe, and as a file it begins where it stands: it is read to its end, in user space. */
async function sumStandardInput(options: SumOptions): Promise<ChecksumResult> {
  if (options.engine === 'kernel') throw noKernelForStreams();
  const start = process.hrtime.bigint();
  const running = new RunningChecksums(options.algorithms);
  for await (const chunk of readChunks(standardInput, options.signal)) {
    running.update(chunk);
    options.onProgress(running.bytes);
  }
  const { checksums, bytes } = running;
  const first = checksums[options.algorithms[0] as AlgorithmName] as ChecksumValue;
  return {
    checksums,
    ...first,
    bytes,
    backend: 'userspace',
    backendReason: 'standard input is read as a stream',
    writers: 'unknown',
    cache: 'used',
    durationNs: Number(process.hrtime.bigint() - start),
  };
}

async function* sumFiles(
  names: readonly string[],
  options: SumOptions,
): AsyncGenerator<Summed, void, undefined> {
  const { algorithms, engine, cache, threads, signal, onProgress } = options;
  const given = { algorithms, engine, cache, signal, onProgress, ...(threads !== undefined && { threads }) };
  if (names.length === 1) {
    const [name] = names as [string];
    yield await attempt(name, () => checksum(name, given));
    return;
  }
  for await (const { source, ...outcome } of checksumAll(names, given))
    yield { name: source as string, ...outcome };
}

/**
 * Sums the files, several at once, and yields them in the order given. A file that fails yields its error, and the
 * others go on.
 *
 * @throws SluiceError ERR_SLUICE_ABORTED when the signal fires
 */
export async function* sumSources(
  names: readonly string[],
  options: SumOptions,
): AsyncGenerator<Summed, void, undefined> {
  let before = 0;
  let rest = names;
  while (rest.length > 0) {
    let inRun = 0;
    const onProgress = (bytes: number) => {
      inRun = bytes;
      options.onProgress(before + bytes);
    };
    if (rest[0] === standardInput) {
      yield await attempt(standardInput, () => sumStandardInput({ ...options, onProgress }));
      rest = rest.slice(1);
    } else {
      const next = rest.indexOf(standardInput);
      const end = next < 0 ? rest.length : next;
      yield* sumFiles(rest.slice(0, end), { ...options, onProgress });
      rest = rest.slice(end);
    }
    before += inRun;
  }
}
