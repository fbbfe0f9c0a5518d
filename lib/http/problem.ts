/** Errors as a client of HTTP sees them: a status and an `application/problem+json` (RFC 9457), or S3's XML. */

import { type IncomingMessage, STATUS_CODES } from 'node:http';
import { bad, flag, rejectUnknown } from '../checksum/options.js';
import { codes, type SluiceErrorCode } from '../errors/codes.js';
import { codeFor, isOutOfDescriptors, isOutOfSpace, isRefused } from '../errors/errno.js';
import { SluiceError } from '../errors/errors.js';
import { shown } from '../shown.js';
import { s3Problem } from './s3-problem.js';

/** Statuses for the server's own troubles, which are no business of the client's. */
const untold: ReadonlySet<number> = new Set([500, 503]);

/** Of rot the client may know: to ask again, or for the other part, would not help. */
const rotten =
  'The bytes of this file are no longer those that were stored: the server does not send them, nor any part of them, until the file is restored.';

/** In seconds: what is short now, descriptors or a lock, comes free as others are done. */
const retryAfter = '5';

export interface Problem {
  status: number;
  /** Whether it is the server's own trouble, which who runs it should hear of: of a rotten file once, not at each request. */
  fault: boolean;
  headers: {
    'Content-Type': 'application/problem+json' | 'application/xml';
    'Content-Length': string;
    Connection?: 'close';
    'Retry-After'?: string;
    'x-amz-request-id'?: string;
  };
  /**
   * JSON: `type`, `title`, `status`, and `code` and `detail` where the client may know them. For S3 XML: `Code` of S3's
   * own, `Message`, `Resource` and `RequestId`.
   */
  body: string;
}

export interface ProblemOptions {
  /** Answer as S3 does, with its XML, codes and statuses: a wrong digest is BadDigest, 400, not 412. Default: false. */
  s3?: boolean;
  /** What went wrong. S3's errors name its target, and some depend on what it was for. */
  request?: IncomingMessage;
}

const known: ReadonlySet<string> = new Set(['s3', 'request'] satisfies (keyof ProblemOptions)[]);

/**
 * What went wrong; undefined where only the server is the cause of it. Of what the system says three things count: that
 * this user may not, that there is no room, that no descriptor is left.
 */
function codeOf(error: unknown): SluiceErrorCode | undefined {
  if (error instanceof SluiceError) return error.code;
  return isRefused(error) || isOutOfSpace(error) || isOutOfDescriptors(error) ? codeFor(error) : undefined;
}

function statusOf(error: unknown): number {
  const code = codeOf(error);
  // Only S3 has this field, and 412 is for a condition there.
  if (code === 'ERR_SLUICE_MISMATCH' && (error as SluiceError).field === 'x-amz-content-sha256') return 400;
  return (code && codes[code].http) ?? 500;
}

/** @param error whatever was thrown: what the server has to say about its own files and faults stays there */
export function problemOf(error: unknown, options: ProblemOptions = {}): Problem {
  rejectUnknown(options, known);
  const { s3 = false, request } = options;
  if (request !== undefined && typeof request?.headers !== 'object')
    throw bad(`The option request is a request of node:http, not ${shown(request)}`);
  const ours = error instanceof SluiceError ? error : undefined;
  const status = statusOf(error);
  const tell = ours !== undefined && !untold.has(status) && ours.path === undefined;
  const detail = ours?.code === 'ERR_SLUICE_CORRUPT' ? rotten : tell ? ours.message : undefined;
  const xml = flag('s3', s3) ? s3Problem(codeOf(error), { field: ours?.field, detail, request }) : undefined;
  const body =
    xml?.body ??
    JSON.stringify({
      type: 'about:blank',
      title: STATUS_CODES[status],
      status,
      ...(ours !== undefined && { code: ours.code }),
      ...(detail !== undefined && { detail }),
    });
  return {
    status: xml?.status ?? status,
    // 501 is what the client asked for.
    fault: status >= 500 && status !== 501 && ours?.repeated !== true,
    headers: {
      'Content-Type': xml ? 'application/xml' : 'application/problem+json',
      'Content-Length': String(Buffer.byteLength(body)),
      // RFC 9110, 15.5.9: the rest of the request is not waited for.
      ...(status === 408 && { Connection: 'close' }),
      ...(status === 503 && { 'Retry-After': retryAfter }),
      ...(xml && { 'x-amz-request-id': xml.requestId }),
    },
    body,
  };
}
