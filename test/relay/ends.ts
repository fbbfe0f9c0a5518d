/** Sockets and FIFOs for the ends of a relay. */

import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { constants, openSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll } from 'vitest';

export type Family = 'tcp' | 'unix';

const servers: Server[] = [];
afterAll(() => {
  for (const server of servers) server.close();
});

let names = 0;

/** A server that hands out connections from which nothing has been read, and where to reach it. */
export async function listen(
  folder: string,
  family: Family,
): Promise<{ server: Server; address: string | number }> {
  const server = createServer({ pauseOnConnect: true });
  servers.push(server);
  const path = join(folder, `socket-${names++}`);
  if (family === 'tcp') server.listen(0, '127.0.0.1');
  else server.listen(path);
  await once(server, 'listening');
  return { server, address: family === 'tcp' ? (server.address() as AddressInfo).port : path };
}

/** Two connected sockets: `ours`, untouched, for a relay, and `theirs`. */
export async function connection(folder: string, family: Family): Promise<{ ours: Socket; theirs: Socket }> {
  const { server, address } = await listen(folder, family);
  const theirs = typeof address === 'number' ? connect(address, '127.0.0.1') : connect(address);
  const [[ours]] = (await Promise.all([once(server, 'connection'), once(theirs, 'connect')])) as [
    [Socket],
    unknown,
  ];
  server.close();
  for (const end of [ours, theirs]) end.on('error', () => {}); // resets are what some tests are about
  return { ours, theirs };
}

/** Both ends of a new FIFO, each a descriptor of its own. */
export function fifo(folder: string): { read: number; write: number } {
  const path = join(folder, `fifo-${names++}`);
  execFileSync('mkfifo', [path]);
  const read = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  return { read, write: openSync(path, constants.O_WRONLY) };
}
