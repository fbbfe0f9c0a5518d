import { Socket } from 'node:net';
import { type FileLike, locate } from '../checksum/file-like.js';
import { bad } from '../checksum/options.js';
import { openNamed } from '../files/xattr/open.js';
import { openSink } from './open-sink.js';

/**
 * A source or sink: a file, whatever else an open descriptor leads to, or a socket of node:net that Node itself is neither
 * reading nor writing (for a source: paused since its creation, by `pauseOnConnect` or `pauseOnCreate`).
 *
 * A path or URL leads to a regular file, and not over a symbolic link at its end. As a sink it is made if it is not there;
 * if it is, what the relay does not write over stays.
 */
export type RelayEnd = FileLike | Socket;

/** What node:net keeps to itself. */
interface SocketHandle {
  fd?: number;
  /** libuv is reading: `pause()` stops that only once a chunk has come. */
  reading?: boolean;
}

type Role = 'source' | 'sink';

function refusal(socket: Socket, role: Role, handle: SocketHandle | null | undefined): string {
  if ('encrypted' in socket) return 'its bytes are encrypted by Node';
  if (socket.destroyed || socket.connecting || !((handle?.fd ?? -1) >= 0)) return 'it is not connected';
  if (role === 'sink') return socket.writableLength > 0 ? 'Node still has bytes to write to it' : '';
  if (socket.readableLength > 0) return 'Node has read bytes from it already';
  return handle?.reading ? 'Node reads from it; create it with pauseOnConnect or pauseOnCreate' : '';
}

/** The path of an end, or its descriptor. Throws ERR_SLUICE_OPTION or ERR_SLUICE_BAD_DESCRIPTOR for what can't be one. */
function reach(end: RelayEnd, role: Role): string | number {
  if (!(end instanceof Socket))
    return locate(end, `The ${role} is a path, a file: URL, a descriptor, a FileHandle or a net.Socket`).at;
  const handle = (end as Socket & { _handle?: SocketHandle | null })._handle;
  const reason = refusal(end, role, handle);
  if (reason) throw bad(`The socket can't be the ${role} of a relay: ${reason}`);
  return handle?.fd as number;
}

/**
 * Lends descriptors of both ends; what it opens for that it closes.
 *
 * @param checkSource throws if nothing can come of the source: then no sink is made
 */
export async function withDescriptors<T>(
  source: RelayEnd,
  sink: RelayEnd,
  checkSource: (source: number) => Promise<unknown>,
  use: (descriptors: Record<Role, number>) => Promise<T>,
): Promise<T> {
  const [from, to] = [reach(source, 'source'), reach(sink, 'sink')];
  await using opened = typeof from === 'string' ? await openNamed(from) : undefined;
  // A socket may have been closed since, and its number be another's.
  const sourceNow = () => opened?.fd ?? (reach(source, 'source') as number);
  if (typeof to === 'string') await checkSource(sourceNow());
  await using made = typeof to === 'string' ? await openSink(to) : undefined;
  return await use({ source: sourceNow(), sink: made?.fd ?? (reach(sink, 'sink') as number) });
}
