/** Which requests of S3 are a PutObject, GetObject or HeadObject of an object as a whole, and ask for nothing else. */

import type { IncomingMessage } from 'node:http';
import { SluiceError } from '../errors/errors.js';
import { shown } from '../shown.js';

/**
 * Fields that say who asks and how the body comes, or how it is verified. All others of S3 ask for something to be done
 * or kept: rights, tags, a lock, encryption, metadata. New ones come with every year.
 */
const fields: ReadonlySet<string> = new Set([
  'x-amz-api-version',
  'x-amz-cf-id',
  'x-amz-content-sha256',
  'x-amz-date',
  'x-amz-decoded-content-length',
  'x-amz-region-set',
  'x-amz-request-payer',
  'x-amz-sdk-checksum-algorithm',
  'x-amz-security-token',
  'x-amz-trailer',
  'x-amz-user-agent',
]);

/** What signs a request in its query (SigV4, and the older one). */
const signatures: ReadonlySet<string> = new Set([
  'x-amz-algorithm',
  'x-amz-credential',
  'x-amz-date',
  'x-amz-expires',
  'x-amz-region-set',
  'x-amz-security-token',
  'x-amz-signature',
  'x-amz-signedheaders',
  'awsaccesskeyid',
  'expires',
  'signature',
]);

function isField(name: string, value: string): boolean {
  // Those that are not known are told of where they are read.
  if (fields.has(name) || name.startsWith('x-amz-checksum-')) return true;
  return name === 'x-amz-storage-class' && value === 'STANDARD';
}

/** A presigned URL has fields in its query. Those that say what the body is are not read there, nor verified. */
function isParameter(name: string, value: string, method: string | undefined): boolean {
  const key = name.toLowerCase();
  if (signatures.has(key)) return true;
  if (key === 'x-amz-content-sha256') return value === 'UNSIGNED-PAYLOAD';
  if (key.startsWith('x-amz-'))
    return key === 'x-amz-checksum-mode' || (!key.startsWith('x-amz-checksum-') && isField(key, value));
  // S3 passes over what begins so: it is for the log of accesses.
  if (key.startsWith('x-')) return true;
  if (method === 'PUT') return false;
  // An object of a bucket that keeps no versions has this one.
  return name.startsWith('response-') || (name === 'versionId' && value === 'null');
}

/**
 * Throws ERR_SLUICE_UNSUPPORTED for a request that is about anything else than an object as a whole: taken for a PutObject,
 * it would put a list of rights, or nothing at all, in the object's place, or drop what its client relies on.
 */
export function refuseOtherOperations({ method, url = '', headers }: IncomingMessage): void {
  const query = new URLSearchParams(url.replace(/^[^?]*/, ''));
  const part = [...query].find(([name, value]) => !isParameter(name, value, method));
  const field = Object.entries(headers).find(
    ([name, value]) => name.startsWith('x-amz-') && !isField(name, String(value)),
  );
  if (part === undefined && field === undefined) return;
  const what = part === undefined ? `the field ${field?.[0]}` : `${shown(part[0])} in the query`;
  throw new SluiceError('ERR_SLUICE_UNSUPPORTED', `What a request with ${what} asks for is not done here`, {
    remedy: 'Put, get and head objects as a whole.',
  });
}
