/** The digests that fields of HTTP carry: one table of their names in every registry. */

import { bad } from '../../checksum/options.js';
import type { AlgorithmName } from '../../engine/algorithms.js';
import { SluiceError } from '../../errors/errors.js';
import { shown } from '../../shown.js';

/** What node:crypto computes, by the names it has there. */
export type HashName = 'md5' | 'sha1' | 'sha256' | 'sha512';

/** A digest that some field can carry. */
export type DigestAlgorithm = AlgorithmName | HashName;

interface Row {
  /** Size of the value. */
  readonly bytes: number;
  /**
   * Names in the registry of RFC 3230, the first one to send. XRootD states `crc32`, which was never registered, and
   * WLCG takes `adler` for another name of `adler32`, here and in RFC 9530's registry.
   */
  readonly digest: readonly string[];
  /** Keys in the registry of RFC 9530, the first one to send. */
  readonly structured: readonly string[];
  /** The name in ownCloud's OC-Checksum. */
  readonly owncloud?: string;
  /** The end of the name of Amazon's field. */
  readonly s3?: string;
}

const table: Readonly<Record<DigestAlgorithm, Row>> = {
  adler32: {
    bytes: 4,
    digest: ['adler32', 'adler'],
    structured: ['adler', 'adler32'],
    owncloud: 'ADLER32',
  },
  crc32: { bytes: 4, digest: ['crc32'], structured: [], s3: 'crc32' },
  crc32c: { bytes: 4, digest: ['crc32c'], structured: ['crc32c'], s3: 'crc32c' },
  crc64nvme: { bytes: 8, digest: [], structured: [], s3: 'crc64nvme' },
  md5: { bytes: 16, digest: ['md5'], structured: ['md5'], owncloud: 'MD5', s3: 'md5' },
  sha1: { bytes: 20, digest: ['sha'], structured: ['sha'], owncloud: 'SHA1', s3: 'sha1' },
  sha256: {
    bytes: 32,
    digest: ['sha-256'],
    structured: ['sha-256'],
    owncloud: 'SHA256',
    s3: 'sha256',
  },
  sha512: { bytes: 64, digest: ['sha-512'], structured: ['sha-512'], s3: 'sha512' },
};

/** All of them, in the order in which they are sent. */
export const digestAlgorithms: readonly DigestAlgorithm[] = Object.keys(table) as DigestAlgorithm[];

/** Values by algorithm: a number as `checksum` gives it, or the bytes, most significant first. */
export type DigestValues = Readonly<Partial<Record<DigestAlgorithm, bigint | Uint8Array>>>;

/** Size of a value in bytes. */
export function digestSize(algorithm: DigestAlgorithm): number {
  return table[algorithm].bytes;
}

/** A value as bytes, most significant first. Throws ERR_SLUICE_OPTION if it is not one of this algorithm. */
export function digestBytes(algorithm: DigestAlgorithm, value: bigint | Uint8Array): Buffer {
  const { bytes } = table[algorithm];
  if (typeof value === 'bigint' && value >= 0n && value < 1n << BigInt(8 * bytes)) {
    return Buffer.from(value.toString(16).padStart(2 * bytes, '0'), 'hex');
  }
  if (value instanceof Uint8Array && value.byteLength === bytes) return Buffer.from(value);
  throw new SluiceError(
    'ERR_SLUICE_OPTION',
    `A value of ${algorithm} is a bigint below 2^${8 * bytes}, or ${bytes} bytes`,
  );
}

/** Throws ERR_SLUICE_ALGORITHM for a name that no field has a value of. */
export function checkDigestAlgorithms(names: unknown): void {
  if (!Array.isArray(names)) throw bad(`Algorithms are a list of names, not ${shown(names)}`);
  const index = names.findIndex((name) => !digestAlgorithms.includes(name));
  if (index >= 0)
    throw new SluiceError('ERR_SLUICE_ALGORITHM', `There is no algorithm ${shown(names[index])}`, {
      remedy: `Use one of ${digestAlgorithms.join(', ')}.`,
    });
}

export type Registry = 'digest' | 'structured' | 'owncloud' | 's3';

function names(algorithm: DigestAlgorithm, registry: Registry): readonly string[] {
  return [table[algorithm][registry] ?? []].flat();
}

const byName: ReadonlyMap<string, DigestAlgorithm> = new Map(
  digestAlgorithms.flatMap((algorithm) =>
    (['digest', 'structured', 'owncloud', 's3'] as const).flatMap((registry) =>
      names(algorithm, registry).map((name) => [`${registry} ${name.toLowerCase()}`, algorithm] as const),
    ),
  ),
);

/** What a registry calls by this name, in any case; undefined for a name it does not have, or that is not computed. */
export function algorithmNamed(registry: Registry, name: string): DigestAlgorithm | undefined {
  return byName.get(`${registry} ${name.toLowerCase()}`);
}

/** What a registry has names for. */
export function algorithmsOf(registry: Registry): readonly DigestAlgorithm[] {
  return digestAlgorithms.filter((algorithm) => names(algorithm, registry).length > 0);
}

/** The name to send; undefined where the registry has none. */
export function nameOf(registry: Registry, algorithm: DigestAlgorithm): string | undefined {
  return names(algorithm, registry)[0];
}
