/** Program arrays, the jump tables of tail calls. */

import { encode, u32 } from '../codec.js';
import { Handle, handle, refuseStrangers } from '../handle.js';
import { Program } from '../program.js';
import type { BpfMap } from './bpf-map.js';
import { expectType } from './codecs.js';

/** A view of a map of the type `prog_array`. The kernel empties it when the last process closes it. */
export function programArray(map: BpfMap): ProgramArray {
  expectType(map, 'program array', ['prog_array']);
  return new ProgramArray(map);
}

export class ProgramArray extends Handle {
  readonly map: BpfMap;

  /** @internal */
  constructor(map: BpfMap) {
    super();
    this.map = map;
  }

  set(index: number, program: Program): void {
    this.map.native.update(encode(u32, index), encode(u32, handle('The program', Program, program).fd), 0);
  }

  delete(index: number): boolean {
    return this.map.native.delete(encode(u32, index));
  }

  static {
    refuseStrangers(ProgramArray);
  }
}
