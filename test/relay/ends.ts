/** Sockets and FIFOs for the ends of a relay, as descriptors that nothing else reads or writes. */

import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, openSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { relay } from '../../lib/relay/index.js';
import { FifoReader, FifoWriter } from './fifo.js';

export type Family = 'tcp' | 'unix';
export type Kind = Family | 'fifo';

let names = 0;

/** Two connected sockets: `ours`, from which nothing has been read, and `theirs`. */
export async function connection(folder: string, family: Family): Promise<{ ours: Socket; theirs: Socket }> {
  const server = createServer({ pauseOnConnect: true, allowHalfOpen: true });
  const path = join(folder, `socket-${names++}`);
  if (family === 'tcp') server.listen(0, '127.0.0.1');
  else server.listen(path);
  await once(server, 'listening');
  const where = family === 'tcp' ? { port: (server.address() as AddressInfo).port } : { path };
  const theirs = connect({ ...where, allowHalfOpen: true });
  const [[ours]] = (await Promise.all([once(server, 'connection'), once(theirs, 'connect')])) as [
    [Socket],
    unknown,
  ];
  server.close();
  for (const end of [ours, theirs]) end.on('error', () => {}); // resets are what some tests are about
  return { ours, theirs };
}

export function mkfifo(folder: string): string {
  const path = join(folder, `fifo-${names++}`);
  execFileSync('mkfifo', [path]);
  return path;
}

export interface Peer<Theirs> {
  end: Socket | number;
  theirs: Theirs;
  close(): void;
}

/** A source that gives what is written to `theirs`. */
export async function sourceOf(folder: string, kind: Kind): Promise<Peer<Writable>> {
  if (kind !== 'fifo') return socketPeer(folder, kind);
  const path = mkfifo(folder);
  const end = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  return { end, theirs: new FifoWriter(path), close: () => closeSync(end) };
}

/** A sink whose bytes come out of `theirs`; it blocks, as a shell's pipe does. */
export async function sinkOf(folder: string, kind: Kind): Promise<Peer<Readable>> {
  if (kind !== 'fifo') return socketPeer(folder, kind);
  const path = mkfifo(folder);
  const theirs = new FifoReader(path);
  const end = openSync(path, constants.O_WRONLY);
  return { end, theirs, close: () => closeSync(end) };
}

/** The poller's descriptor is made when a relay first waits, and stays: afterwards descriptors can be counted. */
export async function startPoller(folder: string): Promise<void> {
  const { end, close } = await sourceOf(folder, 'tcp');
  const sink = openSync('/dev/null', 'w');
  await relay(end, sink, { idleTimeout: 50 }).catch(() => {}); // nothing comes
  closeSync(sink);
  close();
}

async function socketPeer(folder: string, family: Family): Promise<Peer<Socket>> {
  const { ours, theirs } = await connection(folder, family);
  return { end: ours, theirs, close: () => ours.destroy() };
}
