// SPDX-License-Identifier: Apache-2.0

/** An error a person can act on: its message says what happened, why, and what to do. Printed without a stack. */
export class Fault extends Error {
  name = 'Fault';
}
