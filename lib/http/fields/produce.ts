/** The fields that state digests in a message. */

import { oneOf, rejectUnknown, someOf } from '../../checksum/options.js';
import { Checksums } from '../../engine/checksums.js';
import { type DigestAlgorithm, type DigestValues, digestAlgorithms, digestBytes } from './algorithms.js';
import { amazonChecksums, contentMd5 } from './base64.js';
import { digest } from './digest.js';
import type { AdlerForm, DigestFieldFormat } from './family.js';
import { ocChecksum } from './owncloud.js';
import { contentDigest, reprDigest } from './structured.js';
import { type WantedDigests, wantedDigests } from './wanted.js';

/** A field, or Amazon's family of them. */
export type DigestFieldName =
  | 'Digest'
  | 'Repr-Digest'
  | 'Content-Digest'
  | 'OC-Checksum'
  | 'Content-MD5'
  | 'x-amz-checksum';

const formats: Readonly<Record<DigestFieldName, readonly DigestFieldFormat[]>> = {
  Digest: [digest],
  'Repr-Digest': [reprDigest],
  'Content-Digest': [contentDigest],
  'OC-Checksum': [ocChecksum],
  'Content-MD5': [contentMd5],
  'x-amz-checksum': amazonChecksums,
};

/** The fields there are. */
export const digestFieldNames: readonly DigestFieldName[] = Object.keys(formats) as DigestFieldName[];

export interface DigestFieldOptions {
  /**
   * Which fields to make. Default: `Digest` and `Repr-Digest`, which are about the whole file whatever part of it the
   * message carries. `Content-Digest` is about that part.
   */
  fields?: readonly DigestFieldName[];
  /** What the client asked for: where any of that is there, a field says no more than that. */
  wanted?: WantedDigests;
  /** How Adler-32 is written in RFC 9530's fields. Default: `bytes`, as XRootD does; StoRM writes `text`. */
  adler?: AdlerForm;
}

/** How digests are stated, whatever states them. */
export type StatingOptions = Pick<DigestFieldOptions, 'fields' | 'adler'>;

/** Throws ERR_SLUICE_OPTION. */
export function checkStatingOptions({ fields, adler }: StatingOptions): void {
  if (fields !== undefined) someOf('fields', fields, digestFieldNames);
  if (adler !== undefined) oneOf('adler', adler, ['bytes', 'text']);
}

const known: ReadonlySet<string> = new Set([
  'fields',
  'wanted',
  'adler',
] satisfies (keyof DigestFieldOptions)[]);

const wishes: ReadonlySet<string> = new Set(Object.keys(wantedDigests({})));

type Digests = readonly (readonly [DigestAlgorithm, Buffer])[];

function preferred(digests: Digests, wanted: readonly DigestAlgorithm[]): Digests {
  const chosen = wanted.flatMap((name) => digests.filter(([algorithm]) => algorithm === name));
  return chosen.length > 0 ? chosen : digests;
}

/** Fields by name. One that has no form for any of the values is left out. Throws ERR_SLUICE_OPTION for a value that is none. */
export function digestFields(
  values: DigestValues | Checksums,
  options: DigestFieldOptions = {},
): Record<string, string> {
  rejectUnknown(options, known);
  checkStatingOptions(options);
  const { fields = ['Digest', 'Repr-Digest'], wanted, adler = 'bytes' } = options;
  if (wanted !== undefined) rejectUnknown(wanted, wishes);
  const plain: DigestValues = values instanceof Checksums ? Object.fromEntries(values) : values;
  const digests: Digests = digestAlgorithms.flatMap((algorithm) => {
    const value = plain[algorithm];
    return value === undefined ? [] : [[algorithm, digestBytes(algorithm, value)] as const];
  });
  return Object.fromEntries(
    fields.flatMap((name) => {
      const wish = wanted?.[name as keyof WantedDigests] ?? [];
      return formats[name].flatMap((format) => {
        const value = format.produce(preferred(digests, wish), adler);
        return value === undefined ? [] : [[format.name, value] as const];
      });
    }),
  );
}

/** These are about the content of the message that they are in: an answer without a body would state those of nothing. */
const contentFields: ReadonlySet<DigestFieldName> = new Set(['Content-Digest', 'Content-MD5']);

/** Fields for the answer to a PUT, which is about the file and has no body: `digestFields` without those of the content. */
export function storedDigestFields(
  values: DigestValues,
  options: DigestFieldOptions = {},
): Record<string, string> {
  const { fields = ['Digest', 'Repr-Digest'] } = options;
  return digestFields(values, { ...options, fields: fields.filter((name) => !contentFields.has(name)) });
}
