/** Waiting for a buffer, which one thread of the addon does for all of them. */

import { SluiceError } from '../../errors/errors.js';
import type { NativeReadiness } from '../../native/libbpf.js';

/**
 * Calls `ready` once, when there is something to read, or to write to.
 *
 * @throws {SluiceError} ERR_SLUICE_LIMIT: all that it takes is a thread, a descriptor and a watch
 */
export function waitFor(readiness: NativeReadiness, ready: () => void): void {
  try {
    readiness.wait(ready);
  } catch (cause) {
    if (cause instanceof SluiceError) throw cause;
    throw new SluiceError(
      'ERR_SLUICE_LIMIT',
      `The buffer can't be waited for (${(cause as Error).message})`,
      { cause },
    );
  }
}
