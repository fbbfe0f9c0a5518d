/** Holds what was stated about a body against what was computed from it. */

import { SluiceError } from '../../errors/errors.js';
import { type DigestValues, digestBytes } from './algorithms.js';
import type { StatedDigest } from './stated.js';

/**
 * Throws ERR_SLUICE_MISMATCH, which names both values, for the first digest that differs.
 *
 * @param values of the bytes that the digests cover; a value for every algorithm that is stated
 */
export function checkStatedDigests(digests: readonly StatedDigest[], values: DigestValues): void {
  for (const { algorithm, bytes, field } of digests) {
    const computed = digestBytes(algorithm, values[algorithm] as bigint | Uint8Array);
    if (!computed.equals(bytes)) {
      throw new SluiceError(
        'ERR_SLUICE_MISMATCH',
        `The ${algorithm} of the body is ${computed.toString('hex')}, not ${bytes.toString('hex')} as the field ${field} states`,
        { field },
      );
    }
  }
}
