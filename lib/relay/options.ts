import {
  byteCount,
  checkAlgorithms,
  checkEngine,
  checkFunction,
  checkIdleTimeout,
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
  /** Bytes to move; it is an error if the source has fewer. Default: all up to its end. */
  length?: number;
  /** Where to begin in a source that is a file, in bytes. Default: 0; the descriptor's position is neither used nor moved. */
  sourceOffset?: number;
  /** Where to begin in a sink that is a file, likewise. */
  offset?: number;
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
  length: number | undefined;
  sourceOffset: number;
  offset: number;
  signal: AbortSignal | undefined;
  onProgress: ((bytes: number) => void) | undefined;
  idleTimeout: number | undefined;
}

const known: ReadonlySet<string> = new Set([
  'algorithms',
  'engine',
  'length',
  'sourceOffset',
  'offset',
  'signal',
  'onProgress',
  'idleTimeout',
]);

export function checkRelayOptions(options: RelayOptions): CheckedRelayOptions {
  rejectUnknown(options, known);
  const { engine, sourceOffset = 0, offset = 0, signal, onProgress, idleTimeout } = options;
  checkSignal(signal);
  checkFunction('onProgress', onProgress);
  return {
    algorithms: checkAlgorithms(options.algorithms),
    engine: checkEngine(engine),
    length: options.length === undefined ? undefined : byteCount('length', options.length),
    sourceOffset: byteCount('sourceOffset', sourceOffset),
    offset: byteCount('offset', offset),
    signal,
    onProgress,
    idleTimeout: idleTimeout === undefined ? undefined : checkIdleTimeout(idleTimeout),
  };
}
