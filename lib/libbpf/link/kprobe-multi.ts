/** Kprobes on many functions by one link (5.18). */

import { bad, listOf, optionsOf, text } from '../arguments.js';
import type { LoadedProgram } from '../program.js';
import { attach, type Link } from './link.js';

export interface KprobeMultiOptions {
  /** Their names. */
  functions?: readonly string[];
  /** Instead of names: a pattern with `*` and `?`. */
  pattern?: string;
  /** At the return instead of the entry. */
  return?: boolean;
}

/** The program's section must be `kprobe.multi` or `kretprobe.multi`: its attach type is fixed when it is loaded. */
export function attachKprobeMulti(program: LoadedProgram, options: KprobeMultiOptions): Link {
  const given = optionsOf(options, ['functions', 'pattern', 'return']);
  const functions = listOf('functions', given.functions ?? []).map((name) => text('A function', name));
  const { pattern = '', return: atReturn = false } = given;
  if ((functions.length === 0) === (pattern === '')) {
    throw bad('A kprobe on many functions needs either their names or a pattern');
  }
  return attach(program, 'kprobeMulti', { functions, pattern, return: atReturn });
}
