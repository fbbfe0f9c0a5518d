/** Tracepoints: stable events with a documented record (/sys/kernel/tracing/events). */

import type { LoadedProgram } from '../program.js';
import { attach, type CookieOption, cookieOf, type Link } from './link.js';

/** Needs tracefs to be mounted, where the kernel keeps the event's number. */
export function attachTracepoint(
  program: LoadedProgram,
  category: string,
  name: string,
  options: CookieOption = {},
): Link {
  const cookie = cookieOf(options);
  return attach(program, 'tracepoint', { category, name, cookie });
}
