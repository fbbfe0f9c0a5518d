/** tc programs, which see and change what enters or leaves an interface. */

import type { LoadedProgram } from '../program.js';
import { attach, type Link } from './link.js';

/**
 * The direction is in the section: `tcx/ingress` or `tcx/egress`. On kernels before 6.6, which have no links for it, the
 * program becomes a filter of the interface's clsact qdisc; such a link can't be pinned or updated.
 *
 * @param networkInterface its index, as in /sys/class/net/NAME/ifindex
 */
export function attachTc(program: LoadedProgram, networkInterface: number): Link {
  return attach(program, 'tc', { interface: networkInterface });
}
