/** LSM hooks: a program that is asked, and may refuse, where the kernel asks its security modules (5.7). */

import type { LoadedProgram } from '../program.js';
import { attach, type Link } from './link.js';

/** The hook is in the section: `lsm/file_open`. The kernel must have `bpf` in its list of modules (`lsm=`). */
export function attachLsm(program: LoadedProgram): Link {
  return attach(program, 'lsm', {});
}
