/** Kprobes: a program at the entry of a function of the kernel. */

import { optionsOf } from '../arguments.js';
import { offsetInBytes } from '../integers.js';
import type { LoadedProgram } from '../program.js';
import { attach, type CookieOption, cookieOf, type Link } from './link.js';

export interface KprobeOptions extends CookieOption {
  /** Bytes from the function's start, where an instruction begins. Default 0. */
  offset?: number;
}

/** Any function that is not inlined and not on the kernel's block list (/sys/kernel/debug/kprobes/blacklist). */
export function attachKprobe(
  program: LoadedProgram,
  kernelFunction: string,
  options: KprobeOptions = {},
): Link {
  const { offset = 0, ...given } = optionsOf(options, ['offset', 'cookie']);
  return attach(program, 'kprobe', {
    function: kernelFunction,
    offset: offsetInBytes('offset', offset),
    return: false,
    cookie: cookieOf(given),
  });
}
