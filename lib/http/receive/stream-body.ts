/** A request's body through Node's streams into a file. */

import type { IncomingMessage } from 'node:http';
import { finished, Transform, type TransformCallback, type Writable } from 'node:stream';
import { SluiceError } from '../../errors/errors.js';
import type { BodySums } from '../digests/body-sums.js';
import { abandoned, disconnected, readBefore, silent } from './upload-failures.js';

/** Sums what passes: the bytes as they were sent, where an encoding is taken off behind it. */
class Meter extends Transform {
  readonly #sums: BodySums;

  constructor(sums: BodySums) {
    super();
    this.#sums = sums;
  }

  override _transform(chunk: Buffer, _: BufferEncoding, done: TransformCallback): void {
    this.#sums.update(chunk);
    done(null, chunk);
  }
}

export interface StreamedBody {
  /** Where it goes. */
  sink: Writable;
  /** An encoding that is taken off, and the digests of the body with it on. */
  encoding?: { decoder: Transform; sums: BodySums } | undefined;
  signal?: AbortSignal | undefined;
  /** In ms. */
  idleTimeout: number;
}

/**
 * Brings all of a body into a sink. When it is settled the sink is done with it, or closed; what is left of the body after
 * a failure is read and thrown away, so that an answer can be sent.
 */
export async function streamBody(request: IncomingMessage, body: StreamedBody): Promise<void> {
  const { sink, encoding, signal, idleTimeout } = body;
  const way = encoding ? [new Meter(encoding.sums), encoding.decoder, sink] : [sink];
  const first = way[0] as Writable;
  let cleanUp = () => {};
  try {
    const missing = readBefore(request);
    if (missing) throw missing;
    await new Promise<void>((resolve, reject) => {
      const fail = (error: Error) => {
        // The sink is not closed before its last write is over.
        sink.once('close', () => reject(error));
        for (const each of way) each.destroy();
      };
      const abort = () => fail(abandoned(signal));
      signal?.addEventListener('abort', abort);
      // Not stream.pipeline(): it would destroy the request, and with it the connection that the answer needs.
      const forget = finished(request, { writable: false }, (error) => error && fail(error));
      const timer = setTimeout(() => {
        // Then it is the disk that is waited for.
        if (first.writableNeedDrain || request.readableEnded) timer.refresh();
        else fail(silent(idleTimeout));
      }, idleTimeout);
      const postpone = () => timer.refresh();
      cleanUp = () => {
        clearTimeout(timer);
        request.off('data', postpone);
        signal?.removeEventListener('abort', abort);
        forget();
      };
      for (const [index, each] of way.entries()) {
        each.once('error', fail);
        if (index > 0) (way[index - 1] as Transform).pipe(each);
      }
      sink.once('finish', resolve);
      if (signal?.aborted) abort();
      else request.on('data', postpone).pipe(first);
    });
  } catch (error) {
    request.unpipe(first);
    request.resume();
    // What is nobody else's is the connection's.
    throw error instanceof SluiceError ? error : disconnected(error as Error);
  } finally {
    cleanUp();
  }
}
