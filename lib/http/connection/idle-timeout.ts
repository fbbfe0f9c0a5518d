import { checkIdleTimeout } from '../../checksum/options.js';

/** How long a client may be silent, in milliseconds, where nothing else is said. */
const patience = 120_000;

export function idleTimeoutOf({ idleTimeout }: { idleTimeout?: number }): number {
  return idleTimeout === undefined ? patience : checkIdleTimeout(idleTimeout);
}
