/**
 * The far end of a FIFO as a stream. Not a `net.Socket`, which closes a descriptor that node:fs opened behind its back: a
 * worker thread closes what it believes open when it ends, and by then the number is somebody else's. Nor a stream of
 * node:fs: in a full FIFO a thread of libuv's pool would hang.
 */

import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs';
import { Readable, Writable } from 'node:stream';

const { O_NONBLOCK, O_RDONLY, O_WRONLY } = constants;

/** What the call gives, or undefined where it would have waited. */
function unlessItWaits(call: () => number): number | undefined {
  try {
    return call();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return undefined;
    throw error;
  }
}

export class FifoWriter extends Writable {
  readonly #fd: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(path: string) {
    super();
    this.#fd = openSync(path, O_WRONLY | O_NONBLOCK);
    this.on('error', () => {}); // a reader that goes away is what some tests are about
  }

  override _write(chunk: Buffer, encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    try {
      const rest = chunk.subarray(unlessItWaits(() => writeSync(this.#fd, chunk)) ?? 0);
      if (rest.length === 0) done();
      else this.#timer = setTimeout(() => this._write(rest, encoding, done), 1);
    } catch (error) {
      done(error as Error);
    }
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    clearTimeout(this.#timer);
    closeSync(this.#fd);
    done(error);
  }
}

export class FifoReader extends Readable {
  readonly #fd: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(path: string) {
    super();
    this.#fd = openSync(path, O_RDONLY | O_NONBLOCK);
  }

  override _read(size: number): void {
    const chunk = Buffer.alloc(size);
    const length = unlessItWaits(() => readSync(this.#fd, chunk));
    if (length === undefined) this.#timer = setTimeout(() => this._read(size), 1);
    else this.push(length > 0 ? chunk.subarray(0, length) : null);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    clearTimeout(this.#timer);
    closeSync(this.#fd);
    done(error);
  }
}
