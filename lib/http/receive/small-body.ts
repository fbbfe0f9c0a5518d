/** A request's body in memory. */

import type { IncomingMessage } from 'node:http';
import { abandoned, disconnected, readBefore, silent } from './upload-failures.js';

/**
 * All of a body that is short. Without the streams, which would cost more than all else that is done for it. After a
 * failure what is left of it is read and thrown away, so that an answer can be sent.
 */
export function smallBody(
  request: IncomingMessage,
  { signal, idleTimeout }: { signal?: AbortSignal | undefined; idleTimeout: number },
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const settle = (error?: Error) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      request.off('data', take).off('end', end).off('error', lose).off('close', lose);
      if (error) {
        request.resume();
        reject(error);
      } else resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks));
    };
    const take = (chunk: Buffer) => {
      timer.refresh();
      chunks.push(chunk);
    };
    const end = () => settle();
    const lose = (cause?: Error) => settle(disconnected(cause));
    const abort = () => settle(abandoned(signal));
    const timer = setTimeout(() => settle(silent(idleTimeout)), idleTimeout);
    signal?.addEventListener('abort', abort);
    const missing = readBefore(request);
    if (missing) settle(missing);
    else if (signal?.aborted) abort();
    else if (request.readableEnded) end();
    else if (request.destroyed) lose();
    else request.on('data', take).once('end', end).once('error', lose).once('close', lose);
  });
}
