/** Kretprobes: a program at the return of a function of the kernel. */

import type { LoadedProgram } from '../program.js';
import { attach, type CookieOption, cookieOf, type Link } from './link.js';

/** The kernel misses returns when more calls are in flight than it keeps instances for. */
export function attachKretprobe(
  program: LoadedProgram,
  kernelFunction: string,
  options: CookieOption = {},
): Link {
  const cookie = cookieOf(options);
  return attach(program, 'kprobe', { function: kernelFunction, offset: 0, return: true, cookie });
}
