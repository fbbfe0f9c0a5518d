import { once, setMaxListeners } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

const signals = new WeakMap<Socket, AbortSignal>();

/**
 * Fires when the connection is gone. It is one for all requests on a connection: a client may send many at once, and
 * the responses that wait for their turn then are told nothing by node:http.
 */
export function goneSignal(socket: Socket): AbortSignal {
  const known = signals.get(socket);
  if (known) return known;
  const gone = new AbortController();
  setMaxListeners(0, gone.signal);
  if (socket.destroyed) gone.abort();
  else socket.once('close', () => gone.abort());
  signals.set(socket, gone.signal);
  return gone.signal;
}

/** How many responses may wait on one connection. Nobody who wants the answers asks for that many before the first. */
const mostWaiting = 1000;

const waiting = new WeakMap<Socket, number>();

/**
 * Waits until a response is the one that its connection sends. Node hands requests over as it reads them, and gives each
 * response the socket when the one before is through. A client may ask before it has the answers to earlier requests; but
 * only safe ones may be done together (RFC 9112, 9.3.2), and who asks for many files at once shall have no more of them
 * open than one. A connection with more than 1,000 that wait is destroyed.
 *
 * @returns false if the connection is gone, or the signal fires
 */
export async function itsTurn(response: ServerResponse, signal?: AbortSignal): Promise<boolean> {
  if (response.socket || response.headersSent) return true;
  const { socket } = response.req;
  const before = waiting.get(socket) ?? 0;
  if (before === mostWaiting) socket.destroy();
  waiting.set(socket, before + 1);
  const gone = goneSignal(socket);
  try {
    await once(response, 'socket', { signal: signal ? AbortSignal.any([gone, signal]) : gone });
    return true;
  } catch {
    return false;
  } finally {
    waiting.set(socket, (waiting.get(socket) as number) - 1);
  }
}
