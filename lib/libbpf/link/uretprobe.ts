/** Uretprobes: a program at the return of a function of an executable or library. */

import type { LoadedProgram } from '../program.js';
import { attach, type Link } from './link.js';
import { type UprobeOptions, uprobeValues } from './uprobe.js';

/** @param path the executable or library */
export function attachUretprobe(program: LoadedProgram, path: string, options: UprobeOptions): Link {
  return attach(program, 'uprobe', { path, return: true, ...uprobeValues(options) });
}
