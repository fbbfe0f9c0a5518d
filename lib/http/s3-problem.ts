/** Errors as a client of S3 expects them: Amazon's XML, with the codes and statuses of its list of errors. */

import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { codes, type SluiceErrorCode } from '../errors/codes.js';

interface S3Error {
  readonly status: number;
  /** Said where the client may not know more. */
  readonly message: string;
}

/** What S3 says, with its statuses, which are not always ours. */
const errors = {
  AccessDenied: { status: 403, message: 'Access is denied.' },
  BadDigest: { status: 400, message: 'The body has another digest than stated.' },
  EntityTooLarge: { status: 400, message: 'The object is too large.' },
  IncompleteBody: { status: 400, message: 'The body is not what was announced.' },
  // Not of Amazon's list, whose storage has no end. An InternalError would be tried again.
  InsufficientStorage: { status: 507, message: 'There is no room for the object.' },
  InternalError: { status: 500, message: 'The server met an error of its own.' },
  InvalidArgument: { status: 400, message: 'A field is malformed.' },
  InvalidBucketState: { status: 409, message: 'What is there already does not allow it.' },
  InvalidDigest: { status: 400, message: 'A digest is malformed.' },
  InvalidRange: { status: 416, message: 'The range lies behind the end of the object.' },
  InvalidURI: { status: 400, message: 'The URI can not be understood.' },
  KeyTooLongError: { status: 400, message: 'The name of the object is too long.' },
  MissingContentLength: { status: 411, message: 'The length is missing.' },
  NoSuchKey: { status: 404, message: 'There is no such object.' },
  NotImplemented: { status: 501, message: 'The server does not do that.' },
  OperationAborted: { status: 409, message: 'Something else works on this object now. Try it again.' },
  PreconditionFailed: { status: 412, message: 'A condition of the request does not hold.' },
  RequestTimeout: { status: 400, message: 'The body did not come in time.' },
  SlowDown: { status: 503, message: 'There is too much to do now. Try it again later.' },
  XAmzContentSHA256Mismatch: { status: 400, message: 'The body has another SHA-256 than stated.' },
} as const satisfies Readonly<Record<string, S3Error>>;

/** S3 has no folders: who reads one, or anything else that is no file, finds no object. */
const notRead: ReadonlySet<unknown> = new Set(['ERR_SLUICE_IS_DIRECTORY', 'ERR_SLUICE_NOT_A_FILE']);

function s3CodeOf(
  code: SluiceErrorCode | undefined,
  field: string,
  request: IncomingMessage | undefined,
): keyof typeof errors {
  const reads = request?.method === 'GET' || request?.method === 'HEAD';
  if (reads && notRead.has(code)) return 'NoSuchKey';
  if (code === 'ERR_SLUICE_MISMATCH' && field === 'x-amz-content-sha256') return 'XAmzContentSHA256Mismatch';
  if (code === 'ERR_SLUICE_FIELD') {
    if (field === 'x-amz-decoded-content-length' && request && request.headers[field] === undefined)
      return 'MissingContentLength';
    if (/digest|checksum|md5/i.test(field)) return 'InvalidDigest';
  }
  return (code && codes[code].s3) ?? 'InternalError';
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

export interface S3ProblemDetails {
  /** The field of the request that is wrong. */
  field: string | undefined;
  /** What the client may know. */
  detail: string | undefined;
  request: IncomingMessage | undefined;
}

/** @param code of what went wrong; undefined where only the server is the cause of it */
export function s3Problem(
  code: SluiceErrorCode | undefined,
  { field = '', detail, request }: S3ProblemDetails,
): S3Problem {
  const s3Code = s3CodeOf(code, field, request);
  const { status, message } = errors[s3Code];
  const requestId = randomBytes(8).toString('hex').toUpperCase();
  const elements = {
    Code: s3Code,
    Message: detail ?? message,
    ...(request && { Resource: resourceOf(request) }),
    RequestId: requestId,
  };
  const content = Object.entries(elements).map(([name, text]) => `<${name}>${escaped(text)}</${name}>`);
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${content.join('')}</Error>`;
  return { status, requestId, body };
}
