/**
 * Makes sockets, in a cgroup if one is named.
 *
 * node making-sockets.mjs COUNT [CGROUP]
 */

import { createSocket } from 'node:dgram';
import { writeFileSync } from 'node:fs';

const [count, group] = process.argv.slice(2);
if (group) writeFileSync(`${group}/cgroup.procs`, String(process.pid));
for (let i = 0; i < Number(count); i++) {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1', () => socket.close());
}
