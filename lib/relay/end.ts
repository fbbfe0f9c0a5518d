import type { FileHandle } from 'node:fs/promises';
import { Socket } from 'node:net';
import { bad } from '../checksum/options.js';

/**
 * A source or sink: an open descriptor, a FileHandle, or a socket of node:net that Node itself is neither reading nor
 * writing (for a source: paused since its creation, by `pauseOnConnect` or `pauseOnCreate`).
 */
export type RelayEnd = number | FileHandle | Socket;

/** What node:net keeps to itself. */
interface SocketHandle {
  fd?: number;
  /** libuv is reading: `pause()` stops that only once a chunk has come. */
  reading?: boolean;
}

function refusal(socket: Socket, role: 'source' | 'sink', handle: SocketHandle | null | undefined): string {
  if ('encrypted' in socket) return 'its bytes are encrypted by Node';
  if (socket.destroyed || socket.connecting || !((handle?.fd ?? -1) >= 0)) return 'it is not connected';
  if (role === 'sink') return socket.writableLength > 0 ? 'Node still has bytes to write to it' : '';
  if (socket.readableLength > 0) return 'Node has read bytes from it already';
  return handle?.reading ? 'Node reads from it; create it with pauseOnConnect or pauseOnCreate' : '';
}

/** The descriptor of an end. Throws ERR_SLUICE_OPTION for what can't be one. */
export function descriptorOf(end: RelayEnd, role: 'source' | 'sink'): number {
  if (end instanceof Socket) {
    const handle = (end as Socket & { _handle?: SocketHandle | null })._handle;
    const reason = refusal(end, role, handle);
    if (reason) throw bad(`The socket can't be the ${role} of a relay: ${reason}`);
    return handle?.fd as number;
  }
  const fd = typeof end === 'number' ? end : end?.fd;
  if (!Number.isInteger(fd) || fd < 0 || fd > 0x7fffffff) {
    throw bad(`The ${role} is an open descriptor, a FileHandle or a net.Socket`);
  }
  return fd;
}
