/** What a request of S3 can mean besides PutObject, GetObject and HeadObject, by its query or a field. */

import type { IncomingMessage } from 'node:http';
import { SluiceError } from '../errors.js';

/** Parts of an object that a query names, its versions, and lists: none of them is the object. */
const others: ReadonlySet<string> = new Set([
  'acl',
  'attributes',
  'legal-hold',
  'list-type',
  'partNumber',
  'renameObject',
  'restore',
  'retention',
  'select',
  'tagging',
  'torrent',
  'uploadId',
  'uploads',
  'versionId',
  'versions',
]);

/** These make the object out of another one, or of its own bytes and the body. */
const fields = ['x-amz-copy-source', 'x-amz-write-offset-bytes'] as const;

/**
 * Throws ERR_SLUICE_UNSUPPORTED for a request that is about anything else than an object as a whole: taken for a PutObject,
 * it would put a list of rights, or nothing at all, in the object's place.
 */
export function refuseOtherOperations({ url = '', headers }: IncomingMessage): void {
  const query = new URLSearchParams(url.replace(/^[^?]*/, ''));
  const part = [...query.keys()].find((name) => others.has(name));
  const field = fields.find((name) => headers[name] !== undefined);
  if (part === undefined && field === undefined) return;
  const what = part === undefined ? `the field ${field}` : `${JSON.stringify(part)} in the query`;
  throw new SluiceError('ERR_SLUICE_UNSUPPORTED', `What a request with ${what} asks for is not done here`, {
    remedy: 'Put, get and head objects as a whole.',
  });
}
