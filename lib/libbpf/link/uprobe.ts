/** Uprobes: a program at the entry of a function of an executable or library. */

import type { LoadedProgram } from '../program.js';
import { attach, type CookieOption, type Link } from './link.js';

export interface UprobeOptions extends CookieOption {
  /** Its symbol; libbpf looks it up in the file. */
  function?: string;
  /** Bytes from the function's start, or without a function from the file's start. Default 0. */
  offset?: number;
  /** The process to watch; 0: this one; -1: all that run the file. Default -1. */
  pid?: number;
}

/** @param path the executable or library */
export function attachUprobe(program: LoadedProgram, path: string, options: UprobeOptions): Link {
  const { function: symbol = '', offset = 0, pid = -1, cookie = 0n } = options;
  return attach(program, 'uprobe', { path, function: symbol, offset, pid, return: false, cookie });
}
