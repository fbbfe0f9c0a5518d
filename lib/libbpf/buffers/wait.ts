/** Waiting for a buffer, which one thread of the addon does for all of them. */

import { SluiceError } from '../../errors/errors.js';
import type { NativeReadiness } from '../../native/libbpf.js';
import { whyOf } from '../../system/native-failures.js';

/**
 * Calls `ready` once, when there is something to read, or to write to.
 *
 * @throws {SluiceError} ERR_SLUICE_LIMIT: all that it takes is a thread, a descriptor and a watch
 */
export function waitFor(readiness: NativeReadiness, ready: () => void): void {
  const refusal = readiness.wait(ready);
  if (!refusal) return;
  throw new SluiceError('ERR_SLUICE_LIMIT', `The buffer can't be waited for (${whyOf(refusal)})`, {
    errno: refusal.errno || undefined,
  });
}
