/** A request's body from the socket into a file, past Node. */

import type { IncomingMessage } from 'node:http';
import { finished } from 'node:stream/promises';
import type { EngineChoice } from '../../engine/backends.js';
import type { Reduced } from '../../engine/job.js';
import type { SluiceError } from '../../errors/errors.js';
import { relay } from '../../relay/index.js';
import { TakenBody } from '../connection/take-over.js';
import type { BodySums } from '../digests/body-sums.js';
import { FileSink } from './file-sink.js';
import { disconnected } from './upload-failures.js';

export interface RelayedBody {
  fd: number;
  sums: BodySums;
  engine: EngineChoice;
  signal?: AbortSignal | undefined;
  /** In ms. */
  idleTimeout: number;
}

/** What Node has read already goes first. */
async function storeHead(head: readonly Buffer[], { fd, sums }: RelayedBody): Promise<number> {
  const sink = new FileSink(fd, sums);
  for (const chunk of head) sink.write(chunk);
  sink.end();
  // Nothing was taken from the socket yet.
  await finished(sink).catch((error) => {
    throw Object.assign(error, { taken: 0 });
  });
  return sink.bytes;
}

/**
 * Stores all of a body, and says how many bytes it had and what measured those that were relayed. When it is settled the
 * connection is Node's again, or closed: what is left of the body after a failure is read and thrown away, so that an answer
 * can be sent, unless it is the connection that failed.
 *
 * @param request without an obstacle
 */
export async function relayBody(
  request: IncomingMessage,
  body: RelayedBody,
): Promise<{ bytes: number } & Partial<Reduced>> {
  const { socket } = request;
  const taken = new TakenBody(request);
  const gone = new AbortController();
  const leave = () => gone.abort();
  // Node closes it, for instance, when its requestTimeout is over.
  socket.once('close', leave);
  try {
    const offset = await storeHead(taken.head, body);
    let how: Partial<Reduced> = {};
    if (taken.left > 0) {
      const { checksums, backend, backendReason } = await relay(taken.fd, body.fd, {
        range: { end: taken.left },
        sinkOffset: offset,
        algorithms: body.sums.native,
        engine: body.engine,
        idleTimeout: body.idleTimeout,
        // Node sees none of the bytes, and would take the connection for an idle one.
        onProgress: () => socket.timeout && socket.setTimeout(socket.timeout),
        signal: AbortSignal.any([gone.signal, ...(body.signal ? [body.signal] : [])]),
      });
      body.sums.append(checksums, taken.left);
      how = { backend, backendReason };
    }
    taken.giveBack(taken.left);
    return { bytes: offset + taken.left, ...how };
  } catch (error) {
    const { code, taken: count } = error as SluiceError;
    if (gone.signal.aborted || code === 'ERR_SLUICE_DISCONNECTED') {
      socket.destroy();
      throw disconnected(error as Error);
    }
    // Where it is not known how much was taken, nobody can tell the body from the next request.
    if (count === undefined) socket.destroy();
    else taken.giveBack(count);
    // A client that has sent its end may still listen. Node finds that end, too, and closes the connection.
    throw code === 'ERR_SLUICE_TRUNCATED' ? disconnected(error as Error) : error;
  } finally {
    socket.off('close', leave);
  }
}
