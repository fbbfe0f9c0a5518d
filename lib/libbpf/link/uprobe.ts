/** Uprobes: a program at the entry of a function of an executable or library. */

import { optionsOf } from '../arguments.js';
import { idOrAll, offsetInBytes } from '../integers.js';
import type { LoadedProgram } from '../program.js';
import { attach, type CookieOption, cookieOf, type Link } from './link.js';

export interface UprobeOptions extends CookieOption {
  /** Its symbol; libbpf looks it up in the file. */
  function?: string;
  /** Bytes from the function's start, or without a function from the file's start. Default 0. */
  offset?: number;
  /** The process to watch; 0: this one; -1: all that run the file. Default -1. */
  pid?: number;
}

/** @internal */
export function uprobeValues(options: UprobeOptions): object {
  const given = optionsOf(options, ['function', 'offset', 'pid', 'cookie']);
  const { function: symbol = '', offset = 0, pid = -1 } = given;
  return {
    function: symbol,
    offset: offsetInBytes('offset', offset),
    pid: idOrAll('pid', pid),
    cookie: cookieOf(given),
  };
}

/** @param path the executable or library */
export function attachUprobe(program: LoadedProgram, path: string, options: UprobeOptions): Link {
  return attach(program, 'uprobe', { path, return: false, ...uprobeValues(options) });
}
