/** USDT: the tracepoints that an executable or library brings along in its .note.stapsdt section. */

import { optionsOf } from '../arguments.js';
import { idOrAll } from '../integers.js';
import type { LoadedProgram } from '../program.js';
import { attach, type CookieOption, cookieOf, type Link } from './link.js';

export interface UsdtOptions extends CookieOption {
  provider: string;
  name: string;
  /** The process to watch; 0: this one; -1: all that run the file. Default -1. */
  pid?: number;
}

/**
 * The program reads the arguments with bpf/usdt.bpf.h. Before 5.15 the process must have the library loaded already, and
 * `pid` must name it.
 */
export function attachUsdt(program: LoadedProgram, path: string, options: UsdtOptions): Link {
  const given = optionsOf(options, ['provider', 'name', 'pid', 'cookie']);
  const { provider, name, pid = -1 } = given;
  const values = { path, provider, name, pid: idOrAll('pid', pid), cookie: cookieOf(given) };
  return attach(program, 'usdt', values);
}
