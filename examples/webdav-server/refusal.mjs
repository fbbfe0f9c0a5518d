// SPDX-License-Identifier: Apache-2.0

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
