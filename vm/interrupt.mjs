// SPDX-License-Identifier: Apache-2.0

import { constants } from 'node:os';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * A signal that ends a run in order: machines are stopped and their files removed before the process exits.
 * @returns {{ signal: AbortSignal, status: () => number | undefined }} `status` is the shell's exit status for it
 */
export function onInterrupt() {
  const controller = new AbortController();
  let received;
  for (const name of SIGNALS) {
    process.on(name, () => {
      received ??= name;
      controller.abort(new Error(`interrupted by ${received}`));
    });
  }
  return { signal: controller.signal, status: () => received && 128 + constants.signals[received] };
}
