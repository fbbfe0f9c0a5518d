/** fentry, fexit, fmod_ret and tp_btf: programs of the type TRACING, called directly by the function (5.5). */

import type { LoadedProgram } from '../program.js';
import { attach, type CookieOption, cookieOf, type Link } from './link.js';

/**
 * The hook is in the program's section (`fentry/filemap_read`) or was set by `setTarget` before the load.
 *
 * From 5.12 on the kernel does not run a program within itself, and counts what it missed for that
 * (`recursionMisses`). Before, a program that enters the function it is attached to takes the kernel down.
 */
export function attachTracing(program: LoadedProgram, options: CookieOption = {}): Link {
  const cookie = cookieOf(options);
  return attach(program, 'tracing', { cookie });
}
