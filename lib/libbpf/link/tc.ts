/** tc programs, which see and change what enters or leaves an interface. */

import { unsigned32 } from '../integers.js';
import type { LoadedProgram } from '../program.js';
import { attach, type Link } from './link.js';

/**
 * The direction is in the section: `tcx/ingress` or `tcx/egress`. On kernels before 6.6, which have no links for it, the
 * program becomes a filter of the interface's clsact qdisc, as one of the section `tc` does everywhere (ingress). Such a
 * link can't be pinned or updated, and the filter outlives a process that is killed, or ends without closing the link:
 * `tc filter del` removes it then.
 *
 * @param networkInterface its index, as in /sys/class/net/NAME/ifindex
 */
export function attachTc(program: LoadedProgram, networkInterface: number): Link {
  return attach(program, 'tc', { interface: unsigned32('networkInterface', networkInterface) });
}
