import { checkAlgorithms, rejectUnknown } from '../../checksum/options.js';
import type { AlgorithmName } from '../../engine/algorithms.js';
import { checkStatingOptions, type DigestFieldOptions, type StatingOptions } from '../fields/produce.js';

/** How the digests of a body that a library stores are stated. */
export interface ChecksumAdapterOptions extends Pick<DigestFieldOptions, 'fields' | 'adler'> {
  /** Stated in the answer. Default: `['adler32']`. */
  algorithms?: readonly AlgorithmName[];
}

export interface CheckedChecksumAdapterOptions {
  algorithms: readonly AlgorithmName[];
  stating: StatingOptions;
}

/** Throws ERR_SLUICE_OPTION or ERR_SLUICE_ALGORITHM. */
export function checkChecksumAdapterOptions(options: ChecksumAdapterOptions): CheckedChecksumAdapterOptions {
  rejectUnknown(
    options,
    new Set(['algorithms', 'fields', 'adler'] satisfies (keyof ChecksumAdapterOptions)[]),
  );
  const { algorithms, ...stating } = options;
  checkStatingOptions(stating);
  return { algorithms: checkAlgorithms(algorithms), stating };
}
