// SPDX-License-Identifier: Apache-2.0

/** A request that can't be served: the status, a sentence for the client, and a name for who handles it further up. */
export class Refusal extends Error {
  constructor(status, message, reason) {
    super(message);
    this.status = status;
    this.reason = reason;
  }
}
