/** Iterators: a program that the kernel calls for each of its objects of a kind, and whose output is a file (5.8). */

import { createReadStream, open, read } from 'node:fs';
import type { Readable } from 'node:stream';
import { native } from '../../native/index.js';
import { optionsOf } from '../arguments.js';
import { handle } from '../handle.js';
import { BpfMap } from '../maps/bpf-map.js';
import type { LoadedProgram } from '../program.js';
import { attach, Link } from './link.js';

export interface IteratorOptions {
  /** The map whose elements are to be visited, for `iter/bpf_map_elem`. */
  map?: BpfMap;
}

/** The kind of objects is in the section: `iter/task`. */
export function attachIterator(program: LoadedProgram, options: IteratorOptions = {}): Link {
  const { map } = optionsOf(options, ['map']);
  return attach(program, 'iterator', { map: map === undefined ? -1 : handle('map', BpfMap, map).fd });
}

/** What the program prints with bpf_seq_write() and BPF_SEQ_PRINTF() in one run over all objects. */
export function readIterator(link: Link): Readable {
  const [opened, fd] = handle('The link', Link, link).native.iterate();
  const close = (_: number, done: () => void) => native.closeFile(opened, done);
  return createReadStream('', { fd, fs: { open, read, close } });
}
