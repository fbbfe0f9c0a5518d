/** Uretprobes: a program at the return of a function of an executable or library. */

import type { LoadedProgram } from '../program.js';
import { attach, type Link } from './link.js';
import type { UprobeOptions } from './uprobe.js';

/** @param path the executable or library */
export function attachUretprobe(program: LoadedProgram, path: string, options: UprobeOptions): Link {
  const { function: symbol = '', offset = 0, pid = -1, cookie = 0n } = options;
  return attach(program, 'uprobe', { path, function: symbol, offset, pid, return: true, cookie });
}
