/** What every field that states digests has in common. */

import { SluiceError } from '../../errors/errors.js';
import type { DigestAlgorithm } from './algorithms.js';

/** One digest in a field. No algorithm: the name is one that nobody here computes. */
export interface Statement {
  name: string;
  algorithm?: DigestAlgorithm;
  bytes: Buffer;
}

/** How the four bytes of Adler-32 are written in RFC 9530's fields: as they are (XRootD), or as eight digits (StoRM). */
export type AdlerForm = 'bytes' | 'text';

/** A field, read and written. */
export interface DigestFieldFormat {
  /** The name as its specification spells it. */
  readonly name: string;
  /** What it can carry. */
  readonly algorithms: readonly DigestAlgorithm[];
  /** Throws ERR_SLUICE_FIELD for a value that is not in the field's form. */
  parse(value: string): Statement[];
  /** The field's value; undefined where it has no name for any of the digests. */
  produce(digests: readonly (readonly [DigestAlgorithm, Buffer])[], adler: AdlerForm): string | undefined;
}

/** The error for a field that can't be understood, or must not be there. */
export function malformed(field: string, reason: string): SluiceError {
  return new SluiceError('ERR_SLUICE_FIELD', `The field ${field} ${reason}`, { field });
}

/** Bytes of the right number written as base64, padded (RFC 4648, 4), or undefined. */
export function fromBase64(text: string, size: number): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  // Buffer.from forgives; what is encoded back the same was right.
  return bytes.byteLength === size && bytes.toString('base64') === text ? bytes : undefined;
}

/**
 * Bytes written as hexadecimal, in either case. Leading zeroes may be missing: RFC 3230's registry allows it for
 * checksums of 32 bits, and tools that print numbers do it. A hash has all its digits.
 */
export function fromHex(text: string, size: number): Buffer | undefined {
  const digits = 2 * size;
  if (!/^[0-9a-f]+$/i.test(text) || text.length > digits || (size > 8 && text.length < digits))
    return undefined;
  return Buffer.from(text.padStart(digits, '0'), 'hex');
}
