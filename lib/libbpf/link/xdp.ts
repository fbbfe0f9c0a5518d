/** XDP: a program that sees an interface's packets before the network stack does. */

import { unsigned32 } from '../integers.js';
import type { LoadedProgram } from '../program.js';
import { attach, type Link } from './link.js';

/** @param networkInterface its index, as in /sys/class/net/NAME/ifindex. Needs 5.9. */
export function attachXdp(program: LoadedProgram, networkInterface: number): Link {
  return attach(program, 'xdp', { interface: unsigned32('networkInterface', networkInterface) });
}
