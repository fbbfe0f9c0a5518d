/** The digests that a message states about its body, whatever the fields it uses. */

import { SluiceError } from '../../errors/errors.js';
import { shown } from '../../shown.js';
import type { DigestAlgorithm } from './algorithms.js';
import { amazonChecksums, contentMd5 } from './base64.js';
import { digest } from './digest.js';
import { type DigestFieldFormat, malformed } from './family.js';
import { ocChecksum } from './owncloud.js';
import { payloadHash } from './payload-hash.js';
import { contentDigest, reprDigest } from './structured.js';
import { elements, type Fields, fieldValue } from './value.js';

export interface StatedDigest {
  algorithm: DigestAlgorithm;
  /** Most significant byte first. */
  bytes: Buffer;
  /** The field that says so, as its specification spells it. */
  field: string;
  /**
   * What it is the digest of: `content`, the body as it was sent, with every Content-Encoding still on it; or `object`,
   * what is left when `aws-chunked` is taken off. Where there is no such encoding both are the same bytes. Neither is
   * what a server gets by undoing gzip: compare before that.
   */
  covers: 'content' | 'object';
}

export interface StatedDigests {
  digests: StatedDigest[];
  /** Digests by algorithms that are not computed here, as `Digest: unixsum`. Nobody verified them. */
  ignored: string[];
}

const formats: readonly (DigestFieldFormat & { covers: StatedDigest['covers'] })[] = [
  ...[digest, contentDigest, reprDigest, ocChecksum, payloadHash].map((each) => ({
    ...each,
    covers: 'content' as const,
  })),
  // S3 takes Content-MD5, too, for that of the object.
  ...[contentMd5, ...amazonChecksums].map((each) => ({ ...each, covers: 'object' as const })),
];

/** S3 has a field for each algorithm, and some of such names that state none. */
function isUnknownAmazonChecksum(name: string): boolean {
  const field = name.toLowerCase();
  return (
    field.startsWith('x-amz-checksum-') &&
    !/-(?:algorithm|mode|type)$/.test(field) &&
    !formats.some((format) => format.name.toLowerCase() === field)
  );
}

/** S3 has checksums of an object, and those of the checksums of its parts, which say nothing of a body. */
function checkChecksumType(fields: Fields): void {
  const type = fieldValue(fields, 'x-amz-checksum-type');
  if (type !== undefined && type !== 'FULL_OBJECT')
    throw malformed(
      'x-amz-checksum-type',
      `is ${shown(type)}, and only checksums of a FULL_OBJECT can be verified`,
    );
}

/** What a message announces to state behind its body: the names in lower case, of HTTP's trailers and Amazon's. */
function announcedDigests(headers: Fields): string[] {
  return ['Trailer', 'x-amz-trailer']
    .flatMap((name) => elements(fieldValue(headers, name) ?? ''))
    .map((name) => name.toLowerCase())
    .filter(
      (announced) =>
        isUnknownAmazonChecksum(announced) || formats.some(({ name }) => name.toLowerCase() === announced),
    );
}

/**
 * RFC 9110 (6.6.2) lets a sender announce a trailer that does not come. But a digest that is lost is one that nobody
 * verifies, and the client believes that it was.
 */
function checkAnnounced(headers: Fields, trailers: readonly Fields[]): void {
  const missing = announcedDigests(headers).find((name) =>
    trailers.every((fields) => !fieldValue(fields, name)),
  );
  if (missing !== undefined)
    throw new SluiceError('ERR_SLUICE_BODY', `The trailer ${missing} that was announced did not come`);
}

/**
 * Reads `Digest`, `Content-Digest`, `Repr-Digest`, `OC-Checksum`, `Content-MD5`, `x-amz-content-sha256` and
 * `x-amz-checksum-…`.
 *
 * Throws ERR_SLUICE_FIELD for a field that is malformed or too long, and where two say different things; with trailers
 * ERR_SLUICE_BODY if one does not come that was announced to state a digest.
 *
 * @param trailers fields that came behind the body: `request.trailers`, those of an AwsChunkedDecoder, or both
 */
export function parseStatedDigests(headers: Fields, ...trailers: readonly Fields[]): StatedDigests {
  const found = new Map<string, StatedDigest>();
  const ignored: string[] = [];
  if (trailers.length > 0) checkAnnounced(headers, trailers);
  for (const fields of [headers, ...trailers]) {
    checkChecksumType(fields);
    ignored.push(
      ...Object.keys(fields).filter((name) => fields[name] !== undefined && isUnknownAmazonChecksum(name)),
    );
    for (const { name: field, parse, covers } of formats) {
      const value = fieldValue(fields, field);
      if (value === undefined) continue;
      for (const { name, algorithm, bytes } of parse(value)) {
        if (algorithm === undefined) {
          ignored.push(`${field}: ${name}`);
          continue;
        }
        const key = `${covers} ${algorithm}`;
        const before = found.get(key);
        if (before !== undefined && !before.bytes.equals(bytes)) {
          throw malformed(
            field,
            `states ${bytes.toString('hex')} for ${algorithm}, but ${before.bytes.toString('hex')} is stated too, in ${before.field}`,
          );
        }
        if (before === undefined) found.set(key, { algorithm, bytes, field, covers });
      }
    }
  }
  return { digests: [...found.values()], ignored };
}

/**
 * What must be computed while a body passes so that all that its message states, or announces to state behind it, can
 * be compared. A `Trailer: Digest` does not say by which algorithm: then it is all that the field can carry.
 *
 * Throws as parseStatedDigests does.
 */
export function statedAlgorithms(headers: Fields): ReadonlySet<DigestAlgorithm> {
  const announced = announcedDigests(headers);
  const inTrailers = formats.filter(({ name }) => announced.includes(name.toLowerCase()));
  return new Set([
    ...parseStatedDigests(headers).digests.map(({ algorithm }) => algorithm),
    ...inTrailers.flatMap(({ algorithms }) => algorithms),
  ]);
}
