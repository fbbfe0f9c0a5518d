/** Errors as a client of HTTP sees them: a status and an `application/problem+json` (RFC 9457). */

import { STATUS_CODES } from 'node:http';
import { SluiceError, type SluiceErrorCode } from '../errors.js';
import { codeOf } from '../system-error.js';

/** Statuses of what a request can cause; everything else is 500. */
const statuses: Partial<Record<SluiceErrorCode, number>> = {
  ERR_SLUICE_FIELD: 400,
  ERR_SLUICE_TARGET: 400,
  ERR_SLUICE_BODY: 400,
  // WLCG's transfer specification; the S3 profile has 400.
  ERR_SLUICE_MISMATCH: 412,
  ERR_SLUICE_NOT_FOUND: 404,
  ERR_SLUICE_PERMISSION: 403,
  ERR_SLUICE_IS_DIRECTORY: 409,
  ERR_SLUICE_NOT_A_FILE: 409,
  ERR_SLUICE_CHANGED: 409,
  ERR_SLUICE_WRITER: 423,
  ERR_SLUICE_PRECONDITION: 412,
  ERR_SLUICE_BUSY: 503,
  ERR_SLUICE_LIMIT: 503,
  ERR_SLUICE_OUTSIDE: 403,
  ERR_SLUICE_RESERVED: 403,
  ERR_SLUICE_TOO_LONG: 414,
  ERR_SLUICE_TOO_LARGE: 413,
  ERR_SLUICE_UNSUPPORTED: 501,
  ERR_SLUICE_NO_SPACE: 507,
  ERR_SLUICE_DISCONNECTED: 400,
  ERR_SLUICE_TIMEOUT: 408,
};

/** Of what the system says when this user may not, there is no room (507 of RFC 4918), or no descriptor is left. */
const systemStatuses: ReadonlyMap<unknown, number> = new Map([
  ['EACCES', 403],
  ['EPERM', 403],
  ['ENOSPC', 507],
  ['EDQUOT', 507],
  ['EFBIG', 507],
  ['EMFILE', 503],
  ['ENFILE', 503],
]);

/** Statuses for the server's own troubles, which are no business of the client's. */
const untold: ReadonlySet<number> = new Set([500, 503]);

/** In seconds: what is short now, descriptors or a lock, comes free as others are done. */
const retryAfter = '5';

export interface Problem {
  status: number;
  /** Whether it is the server's own trouble, which who runs it should hear of. */
  fault: boolean;
  headers: {
    'Content-Type': 'application/problem+json';
    'Content-Length': string;
    Connection?: 'close';
    'Retry-After'?: string;
  };
  /** JSON: `type`, `title`, `status`, and `code` and `detail` where the client may know them. */
  body: string;
}

export interface ProblemOptions {
  /** A wrong digest is 400, as S3's BadDigest, not 412. Default: false. */
  s3?: boolean;
}

/** @param error whatever was thrown: what the server has to say about its own files and faults stays there */
export function problemOf(error: unknown, options: ProblemOptions = {}): Problem {
  const ours = error instanceof SluiceError ? error : undefined;
  const mismatch = ours?.code === 'ERR_SLUICE_MISMATCH';
  const status =
    mismatch && options.s3 === true
      ? 400
      : (systemStatuses.get(codeOf(error)) ?? (ours && statuses[ours.code]) ?? 500);
  const tell = ours !== undefined && !untold.has(status) && ours.path === undefined;
  const body = JSON.stringify({
    type: 'about:blank',
    title: STATUS_CODES[status],
    status,
    ...(ours !== undefined && { code: ours.code }),
    ...(tell && { detail: ours.message }),
  });
  return {
    status,
    fault: status >= 500 && status !== 501, // that is what the client asked for
    headers: {
      'Content-Type': 'application/problem+json',
      'Content-Length': String(Buffer.byteLength(body)),
      // RFC 9110, 15.5.9: the rest of the request is not waited for.
      ...(status === 408 && { Connection: 'close' }),
      ...(status === 503 && { 'Retry-After': retryAfter }),
    },
    body,
  };
}
