/** Errors as a client of S3 expects them: Amazon's XML, with the codes and statuses of its list of errors. */

import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { SluiceError, SluiceErrorCode } from '../errors/errors.js';

interface S3Error {
  readonly code: string;
  /** Where S3 has another one for it than we. */
  readonly status?: number;
  /** Said where the client may not know more. */
  readonly message: string;
}

const internal: S3Error = { code: 'InternalError', message: 'The server met an error of its own.' };
const invalidArgument: S3Error = { code: 'InvalidArgument', message: 'A field is malformed.' };
const noSuchKey: S3Error = { code: 'NoSuchKey', status: 404, message: 'There is no such object.' };
const aborted: S3Error = {
  code: 'OperationAborted',
  status: 409,
  message: 'Something else works on this object now. Try it again.',
};

/** By the status that we would answer with. */
const byStatus: Readonly<Record<number, S3Error>> = {
  400: { code: 'InvalidRequest', message: 'The request is malformed.' },
  403: { code: 'AccessDenied', message: 'Access is denied.' },
  404: noSuchKey,
  408: { code: 'RequestTimeout', status: 400, message: 'The body did not come in time.' },
  409: { code: 'InvalidBucketState', message: 'What is there already does not allow it.' },
  412: { code: 'PreconditionFailed', message: 'A condition of the request does not hold.' },
  413: { code: 'EntityTooLarge', status: 400, message: 'The object is too large.' },
  414: { code: 'KeyTooLongError', status: 400, message: 'The name of the object is too long.' },
  416: { code: 'InvalidRange', message: 'The range lies behind the end of the object.' },
  423: aborted,
  501: { code: 'NotImplemented', message: 'The server does not do that.' },
  503: { code: 'SlowDown', message: 'There is too much to do now. Try it again later.' },
  // Not of Amazon's list, whose storage has no end. An InternalError would be tried again.
  507: { code: 'InsufficientStorage', message: 'There is no room for the object.' },
};

const byCode: Partial<Record<SluiceErrorCode, S3Error>> = {
  ERR_SLUICE_FIELD: invalidArgument,
  ERR_SLUICE_TARGET: { code: 'InvalidURI', message: 'The URI can not be understood.' },
  ERR_SLUICE_BODY: { code: 'IncompleteBody', message: 'The body is not what was announced.' },
  ERR_SLUICE_DISCONNECTED: { code: 'IncompleteBody', message: 'The body is not whole.' },
  ERR_SLUICE_MISMATCH: {
    code: 'BadDigest',
    status: 400,
    message: 'The body has another digest than stated.',
  },
  ERR_SLUICE_CHANGED: aborted,
};

const badHash: S3Error = {
  code: 'XAmzContentSHA256Mismatch',
  status: 400,
  message: 'The body has another SHA-256 than stated.',
};
const badLength: S3Error = { code: 'MissingContentLength', status: 411, message: 'The length is missing.' };
const badDigest: S3Error = { code: 'InvalidDigest', message: 'A digest is malformed.' };

/** S3 has no folders: who reads one, or anything else that is no file, finds no object. */
const notRead: ReadonlySet<unknown> = new Set(['ERR_SLUICE_IS_DIRECTORY', 'ERR_SLUICE_NOT_A_FILE']);

function s3ErrorOf(error: SluiceError | undefined, status: number, request?: IncomingMessage): S3Error {
  const { code, field = '' } = error ?? {};
  const reads = request?.method === 'GET' || request?.method === 'HEAD';
  if (reads && notRead.has(code)) return noSuchKey;
  if (code === 'ERR_SLUICE_MISMATCH' && field === 'x-amz-content-sha256') return badHash;
  if (code === 'ERR_SLUICE_FIELD') {
    if (field === 'x-amz-decoded-content-length' && request && request.headers[field] === undefined)
      return badLength;
    if (/digest|checksum|md5/i.test(field)) return badDigest;
  }
  return (code && byCode[code]) ?? byStatus[status] ?? internal;
}

/** Text in XML. What XML has no place for at all becomes U+FFFD. */
function escaped(text: string): string {
  return text
    .replace(/[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** The target without its query, as the client sent it: what a handler is mounted on is taken off of `url`. */
function resourceOf(request: IncomingMessage): string {
  const { url = '', originalUrl = url } = request as IncomingMessage & { originalUrl?: string };
  return originalUrl.replace(/\?.*$/s, '');
}

export interface S3Problem {
  status: number;
  /** To be found in the body, too. */
  requestId: string;
  body: string;
}

/**
 * @param status that we would answer with
 * @param detail what the client may know
 */
export function s3Problem(
  error: SluiceError | undefined,
  { status, detail, request }: { status: number; detail: string | undefined; request?: IncomingMessage },
): S3Problem {
  const known = s3ErrorOf(error, status, request);
  const requestId = randomBytes(8).toString('hex').toUpperCase();
  const elements = {
    Code: known.code,
    Message: detail ?? known.message,
    ...(request && { Resource: resourceOf(request) }),
    RequestId: requestId,
  };
  const content = Object.entries(elements).map(([name, text]) => `<${name}>${escaped(text)}</${name}>`);
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${content.join('')}</Error>`;
  return { status: known.status ?? status, requestId, body };
}
