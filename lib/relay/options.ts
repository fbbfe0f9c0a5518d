import {
  type ByteRange,
  byteCount,
  checkAlgorithms,
  checkEngine,
  checkFunction,
  checkIdleTimeout,
  checkRange,
  checkSignal,
  rejectUnknown,
} from '../checksum/options.js';
import type { AlgorithmName } from '../engine/algorithms.js';
import type { EngineChoice } from '../engine/backends.js';

export interface RelayOptions {
  /** Computed in one pass. Default: `['adler32']`. */
  algorithms?: readonly AlgorithmName[];
  /**
   * What measures.
   *
   * - `auto` (default) takes what this machine measured as fastest and goes on in user space if the kernel stops;
   * - `kernel` insists on the kernel, and fails with ERR_SLUICE_NO_CAPABILITY, ERR_SLUICE_VERIFIER or
   *   ERR_SLUICE_KERNEL_ENGINE where it can't;
   * - `userspace` leaves the kernel out.
   */
  engine?: EngineChoice;
  /**
   * Bytes of the source; it is an error if it has fewer. A stream begins where it is, so `end` alone says how many of its bytes
   * are moved. Default: all up to its end. The position of a descriptor that leads to a file is neither used nor moved.
   */
  range?: ByteRange;
  /** Where to begin in a sink that is a file, in bytes, likewise. Default: 0. */
  sinkOffset?: number;
  /** Abandons the relay with ERR_SLUICE_ABORTED. What has been moved stays where it is. */
  signal?: AbortSignal;
  /** Called now and then with the bytes moved so far. What it throws ends the relay. */
  onProgress?: (bytes: number) => void;
  /**
   * Fails with ERR_SLUICE_TIMEOUT when a peer has let no byte through for so many milliseconds. A slow disk is waited
   * for. Default: waits for ever.
   */
  idleTimeout?: number;
}

export interface CheckedRelayOptions {
  algorithms: readonly AlgorithmName[];
  engine: EngineChoice;
  /** Where to begin in the source. */
  start: number;
  /** Bytes to move. */
  length: number | undefined;
  sinkOffset: number;
  signal: AbortSignal | undefined;
  onProgress: ((bytes: number) => void) | undefined;
  idleTimeout: number | undefined;
}

const known: ReadonlySet<string> = new Set([
  'algorithms',
  'engine',
  'range',
  'sinkOffset',
  'signal',
  'onProgress',
  'idleTimeout',
]);

export function checkRelayOptions(options: RelayOptions): CheckedRelayOptions {
  rejectUnknown(options, known);
  const { engine, sinkOffset = 0, signal, onProgress, idleTimeout } = options;
  const { start, end } = checkRange(options.range);
  checkSignal(signal);
  checkFunction('onProgress', onProgress);
  return {
    algorithms: checkAlgorithms(options.algorithms),
    engine: checkEngine(engine),
    start,
    length: end === undefined ? undefined : end - start,
    sinkOffset: byteCount('sinkOffset', sinkOffset),
    signal,
    onProgress,
    idleTimeout: idleTimeout === undefined ? undefined : checkIdleTimeout(idleTimeout),
  };
}
