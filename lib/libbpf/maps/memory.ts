/** The elements of an array as memory shared with the kernel. */

import type { BpfMap } from './bpf-map.js';
import { expectType } from './codecs.js';

/**
 * Maps the elements of an `array` made with BPF_F_MMAPABLE (5.5): what a program stores is seen at once, with no system
 * call. Each element starts at a multiple of its size, rounded up to 8 bytes. Typed arrays over it are views:
 * `new BigUint64Array(mapMemory(map))`. The memory stays until the last view is collected, also after the map is closed.
 */
export function mapMemory(map: BpfMap): ArrayBuffer {
  expectType(map, 'shared memory', ['array']);
  return map.native.memory();
}
