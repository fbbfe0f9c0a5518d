/** sk_skb and sk_msg programs, which see the data of the sockets in a map. */

import { handle } from '../handle.js';
import { BpfMap } from '../maps/bpf-map.js';
import type { LoadedProgram } from '../program.js';
import { attach, type Link } from './link.js';

/** @param sockets a `sockmap` or `sockhash`. The link can't be pinned or updated. */
export function attachSocketMap(program: LoadedProgram, sockets: BpfMap): Link {
  return attach(program, 'sockmap', { map: handle('The socket map', BpfMap, sockets).fd });
}
