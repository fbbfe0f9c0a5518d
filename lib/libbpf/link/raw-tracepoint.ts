/** Raw tracepoints: a tracepoint's arguments as the kernel has them, at less cost than a tracepoint (4.17). */

import type { LoadedProgram } from '../program.js';
import { attach, type CookieOption, cookieOf, type Link } from './link.js';

/** @param name without its category: `sys_enter`. Its cookie needs 6.10. */
export function attachRawTracepoint(program: LoadedProgram, name: string, options: CookieOption = {}): Link {
  const cookie = cookieOf(options);
  return attach(program, 'rawTracepoint', { name, cookie });
}
