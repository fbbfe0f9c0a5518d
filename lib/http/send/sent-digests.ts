/** The fields that state a file's digests in the answer to a GET or HEAD. */

import type { IncomingMessage } from 'node:http';
import type { Checksums } from '../../engine/checksums.js';
import type { Reduced } from '../../engine/job.js';
import { SluiceError } from '../../errors/errors.js';
import { missingDigests } from '../digests/known-digests.js';
import { algorithmsOf, type DigestAlgorithm, type DigestValues } from '../fields/algorithms.js';
import { withChecksumType } from '../fields/base64.js';
import { type DigestFieldName, digestFields } from '../fields/produce.js';
import { wantedDigests } from '../fields/wanted.js';
import type { SendSettings } from './options.js';
import type { ServedFile } from './served-file.js';

export interface SentDigests extends Partial<Reduced> {
  headers: Record<string, string>;
  /** Why what was wanted could not be computed. */
  uncomputed?: SluiceError;
}

/** Fields that are not about the file, but about the part of it that a message carries. */
const aboutContent: readonly DigestFieldName[] = ['Content-Digest', 'Content-MD5'];

/** What a client of S3 wants: any will do, and what S3 computes for an object that came without one is the first. */
function amazonWish(headers: IncomingMessage['headers']): readonly DigestAlgorithm[] {
  return headers['x-amz-checksum-mode'] === 'ENABLED' ? ['crc64nvme', ...algorithmsOf('s3')] : [];
}

/**
 * @param checksums stored, and fresh
 * @param whole whether the message carries all of the file
 * @param gone fires when the client has left
 * @throws SluiceError ERR_SLUICE_CORRUPT if what had to be computed shows that the file is rotten
 */
export async function sentDigests(
  file: ServedFile,
  checksums: Checksums,
  { headers, method }: IncomingMessage,
  whole: boolean,
  settings: SendSettings,
  gone: AbortSignal,
): Promise<SentDigests> {
  const stored: DigestValues = Object.fromEntries(checksums);
  const wanted = wantedDigests(headers);
  const wishes = { ...wanted, 'x-amz-checksum': amazonWish(headers) };
  // Amazon's are about the object, and S3 sends none with a part of it.
  const fits = (name: DigestFieldName) =>
    whole || (name === 'x-amz-checksum' ? method === 'HEAD' : !aboutContent.includes(name));
  const asked = (['Digest', 'Content-Digest', 'Repr-Digest', 'x-amz-checksum'] as const).filter(
    (name) => wishes[name].length > 0 && fits(name),
  );
  const always = settings.fields.filter(fits);
  const fields = [...new Set([...always, ...asked])];
  const state = (values: DigestValues) => {
    const stated = digestFields(values, { fields, wanted, adler: settings.adler });
    return asked.includes('x-amz-checksum') ? withChecksumType(stated) : stated;
  };
  const missing = missingDigests(
    asked.map((name) => wishes[name]),
    stored,
  );
  if (missing.length === 0 || settings.onDemand === false) return { headers: state(stored) };
  try {
    const { fd } = file.handle;
    const { engine, onDemand } = settings;
    const how = { signal: gone, engine, path: file.path };
    const { values, ...reduced } = await onDemand.compute(fd, file.stats, missing, how);
    return { headers: state({ ...stored, ...values }), ...reduced };
  } catch (error) {
    // A wish is no condition (RFC 9530, 4): the file is sent without what can't be said of it.
    if (!(error instanceof SluiceError) || error.code === 'ERR_SLUICE_ABORTED') throw error;
    if (error.code === 'ERR_SLUICE_CORRUPT') throw await file.onceTold(error);
    return { headers: state(stored), uncomputed: error };
  }
}
