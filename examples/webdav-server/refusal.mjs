// SPDX-License-Identifier: Apache-2.0
// What can't be done, and how a client is told.

import { constants } from 'node:os';
import { SluiceError } from 'sluice';
import { problemOf } from 'sluice/http';

/** A request that can't be served: the status, a sentence for the client, and a name for who handles it further up. */
export class Refusal extends Error {
  constructor(status, message, reason) {
    super(message);
    this.status = status;
    this.reason = reason;
  }
}

/** A refusal that has an element of its own, for programs to read (RFC 4918, 16). */
export class Unmet extends Refusal {
  /**
   * @param condition the name of the element
   * @param hrefs what it is about, as paths of URLs
   */
  constructor(status, message, condition, hrefs = []) {
    super(status, message);
    this.condition = condition;
    this.hrefs = hrefs;
  }
}

/** What it means to a client that the system refused a call. Whatever is not here is the server's own trouble: 500. */
const statuses = {
  ENOENT: 404, // RFC 9110, 15.5.5: it went after it was looked at
  ENOTDIR: 404,
  EISDIR: 409, // RFC 9110, 15.5.10: it became a folder, or a file, after it was looked at
  EEXIST: 409,
  ENOTEMPTY: 409,
  EBUSY: 409, // something is mounted on it
  EACCES: 403, // RFC 9110, 15.5.4
  EPERM: 403,
  EROFS: 403, // RFC 4918, 9.3.1: a folder that can't take members; for COPY 9.8.5, for PROPPATCH 9.2.1
  ELOOP: 403, // a symbolic link
  ENAMETOOLONG: 414, // RFC 9110, 15.5.15
  EXDEV: 502, // RFC 4918, 9.9.4: the destination is in another part of the server
  EMFILE: 503, // RFC 9110, 15.6.4
  ENFILE: 503,
  ENOMEM: 503,
  ENOSPC: 507, // RFC 4918, 11.5
  EDQUOT: 507,
  EFBIG: 507,
  EMLINK: 507, // a folder of some file systems has no more than 65,000 others in it
  ENOTSUP: 507, // a file system without attributes has no room for one
  E2BIG: 507, // an attribute
  ERANGE: 507, // an attribute's name
};

// By number: Node has no name for EDQUOT.
const byNumber = new Map(Object.entries(statuses).map(([name, status]) => [constants.errno[name], status]));

/** The status for whatever was thrown. */
export function statusOf(error) {
  if (error instanceof Refusal) return error.status;
  const { status } = problemOf(error);
  // What has a code of its own says more than the number that came with it, unless it is taken for a fault.
  if (error instanceof SluiceError && status < 500) return status;
  return byNumber.get(Math.abs(error?.errno)) ?? status;
}
