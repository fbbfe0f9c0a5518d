/** The fields that state a file's digests in the answer to a GET or HEAD. */

import type { IncomingMessage } from 'node:http';
import { SluiceError } from '../errors.js';
import type { DigestValues } from './fields/algorithms.js';
import { type DigestFieldName, digestFields } from './fields/produce.js';
import { wantedDigests } from './fields/wanted.js';
import { type KnownDigests, missingDigests } from './known-digests.js';
import type { SendSettings } from './send-options.js';
import type { ServedFile } from './served-file.js';

export interface SentDigests {
  headers: Record<string, string>;
  /** Why what was wanted could not be computed. */
  uncomputed?: SluiceError;
}

/** Fields that are not about the file, but about the part of it that a message carries. */
const aboutContent: readonly DigestFieldName[] = ['Content-Digest', 'Content-MD5', 'x-amz-checksum'];

/**
 * @param stored fresh values
 * @param whole whether the message carries all of the file
 * @param gone fires when the client has left
 * @throws SluiceError ERR_SLUICE_CORRUPT if what had to be computed shows that the file is rotten
 */
export async function sentDigests(
  file: ServedFile,
  stored: KnownDigests,
  { headers }: IncomingMessage,
  whole: boolean,
  settings: SendSettings,
  gone: AbortSignal,
): Promise<SentDigests> {
  const wanted = wantedDigests(headers);
  const asked = (['Digest', 'Content-Digest', 'Repr-Digest'] as const).filter(
    (name) => wanted[name].length > 0 && (whole || !aboutContent.includes(name)),
  );
  const always = settings.fields.filter((name) => whole || !aboutContent.includes(name));
  const fields = [...new Set([...always, ...asked])];
  const state = (values: DigestValues) => digestFields(values, { fields, wanted, adler: settings.adler });
  const missing = missingDigests(
    asked.map((name) => wanted[name]),
    stored,
  );
  if (missing.length === 0 || settings.onDemand === false) return { headers: state(stored) };
  try {
    const computed = await settings.onDemand.compute(file.handle.fd, file.stats, missing, gone, file.path);
    return { headers: state({ ...stored, ...computed }) };
  } catch (error) {
    // A wish is no condition (RFC 9530, 4): the file is sent without what can't be said of it.
    if (!(error instanceof SluiceError) || error.code === 'ERR_SLUICE_ABORTED') throw error;
    if (error.code === 'ERR_SLUICE_CORRUPT') throw await file.onceTold(error);
    return { headers: state(stored), uncomputed: error };
  }
}
