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

const { ENOTSUP, ERANGE, EXDEV } = constants.errno;

/** What WebDAV has a status of its own for. */
const statuses = new Map([
  [EXDEV, 502], // RFC 4918, 9.9.4: the destination is in another part of the server
  // RFC 4918, 9.2.1: there is no room for a property.
  [ENOTSUP, 507], // a file system without attributes
  [ERANGE, 507], // the attribute's name would be too long
]);

/** The status for whatever was thrown. */
export function statusOf(error) {
  if (error instanceof Refusal) return error.status;
  const { status } = problemOf(error);
  const isOfWebdav = error instanceof SluiceError && status >= 500;
  return (isOfWebdav ? statuses.get(error.errno) : undefined) ?? status;
}
