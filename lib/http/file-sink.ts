import { writev } from 'node:fs';
import { Writable } from 'node:stream';
import type { BodySums } from './body-sums.js';

/** While one batch is written the next one gathers: fewer, larger writes than there are chunks. */
const batchBytes = 1 << 20;

/** Stores what is written to it in a file, from its beginning, and sums it. */
export class FileSink extends Writable {
  readonly #fd: number;
  readonly #sums: BodySums;
  #bytes = 0;
  #writing = false;
  #written: (() => void) | undefined;

  constructor(fd: number, sums: BodySums) {
    super({ highWaterMark: batchBytes });
    this.#fd = fd;
    this.#sums = sums;
  }

  /** Stored so far. */
  get bytes(): number {
    return this.#bytes;
  }

  override _write(chunk: Buffer, _: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#take([chunk], done);
  }

  override _writev(chunks: { chunk: Buffer }[], done: (error?: Error | null) => void): void {
    this.#take(
      chunks.map(({ chunk }) => chunk),
      done,
    );
  }

  /** The descriptor may be closed, and its number be used again, after 'close': not while a thread writes to it. */
  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    if (this.#writing) this.#written = () => done(error);
    else done(error);
  }

  #take(buffers: Buffer[], done: (error?: Error | null) => void): void {
    for (const each of buffers) this.#sums.update(each);
    this.#store(buffers, done);
  }

  #store(buffers: Buffer[], done: (error?: Error | null) => void): void {
    this.#writing = true;
    writev(this.#fd, buffers, this.#bytes, (error, count) => {
      this.#writing = false;
      this.#bytes += error ? 0 : count;
      const rest = error ? [] : behind(buffers, count);
      // A disk that is nearly full takes a part, and refuses the next.
      if (rest.length > 0 && !this.#written) return this.#store(rest, done);
      done(error);
      this.#written?.();
    });
  }
}

/** What is left of the buffers behind so many bytes. */
function behind(buffers: Buffer[], count: number): Buffer[] {
  let skipped = count;
  return buffers.flatMap((each) => {
    const skip = Math.min(skipped, each.length);
    skipped -= skip;
    return skip < each.length ? [each.subarray(skip)] : [];
  });
}
