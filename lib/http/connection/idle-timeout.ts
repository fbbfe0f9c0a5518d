import { bad } from '../../checksum/options.js';
import { shown } from '../../shown.js';

/** How long a client may be silent: its default, and its bounds. In ms. */
export function checkIdleTimeout(idleTimeout = 120_000): number {
  // A timer of Node's can't wait longer.
  if (!(Number.isFinite(idleTimeout) && idleTimeout > 0 && idleTimeout < 2 ** 31))
    throw bad(`The option idleTimeout is a number of milliseconds above 0, not ${shown(idleTimeout)}`);
  return idleTimeout;
}
