/** struct_ops: a table of programs as an implementation of an interface of the kernel, such as a congestion control. */

import { native } from '../../native/index.js';
import { handle } from '../handle.js';
import { BpfMap } from '../maps/bpf-map.js';
import { Link } from './link.js';

/** @param table the map of the section `.struct_ops` (5.6) or `.struct_ops.link` (6.4) */
export function attachStructOps(table: BpfMap): Link {
  return new Link(new native.BpfLink('map', handle('The table', BpfMap, table).native));
}
