/** Programs for the processes of a control group: their packets, sockets, devices, sysctls. */

import type { LoadedProgram } from '../program.js';
import { attach, type Link } from './link.js';

/** @param path of the group: a directory of the cgroup2 file system. What is watched is in the section (`cgroup_skb/egress`). */
export function attachCgroup(program: LoadedProgram, path: string): Link {
  return attach(program, 'cgroup', { path });
}
