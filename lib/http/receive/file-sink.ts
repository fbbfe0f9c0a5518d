import { writev } from 'node:fs';
import { Writable } from 'node:stream';
import type { BodySums } from '../digests/body-sums.js';
import { unstored } from './upload-failures.js';

/**
 * Bytes are handed to a thread in batches of this size, while the next batch gathers: so large that waking the thread
 * costs little, so small that two of them are still in the processor's cache when they are written.
 */
const batchBytes = 512 << 10;

/** So many are made one: a batch of ordinary reads has eight. */
const manyBuffers = 1024;

type Done = (error?: Error | null) => void;

/** Stores what is written to it in a file, from its beginning, and sums it. */
export class FileSink extends Writable {
  readonly #fd: number;
  readonly #sums: BodySums;
  #bytes = 0;
  #gathered: Buffer[] = [];
  #gatheredBytes = 0;
  #writing = false;
  /** Called when the batch that gathers is handed over. */
  #taken: Done | undefined;
  /** Called when a write is over and none follows. */
  #settled: (() => void) | undefined;

  constructor(fd: number, sums: BodySums) {
    super({ highWaterMark: batchBytes });
    this.#fd = fd;
    this.#sums = sums;
  }

  /** Stored so far. */
  get bytes(): number {
    return this.#bytes;
  }

  // Not Writable's own buffer, which makes the source wait until it is empty and nothing is being written any more.
  override _write(chunk: Buffer, _: BufferEncoding, done: Done): void {
    this.#sums.update(chunk);
    this.#gathered.push(chunk);
    // A client that sends its body in chunks of a byte would have us keep half a million buffers.
    if (this.#gathered.length === manyBuffers) this.#gathered = [Buffer.concat(this.#gathered)];
    this.#gatheredBytes += chunk.length;
    if (this.#gatheredBytes < batchBytes) done();
    else {
      this.#taken = done;
      if (!this.#writing) this.#handOver();
    }
  }

  override _final(done: Done): void {
    this.#settled = done;
    if (!this.#writing) this.#next();
  }

  /** The descriptor may be closed, and its number be used again, after 'close': not while a thread writes to it. */
  override _destroy(error: Error | null, done: Done): void {
    this.#settled = () => done(error);
    if (!this.#writing) this.#settled();
  }

  #handOver(): void {
    const batch = this.#gathered;
    this.#gathered = [];
    this.#gatheredBytes = 0;
    this.#writing = true;
    this.#store(batch);
    const taken = this.#taken;
    this.#taken = undefined;
    taken?.();
  }

  #store(batch: Buffer[]): void {
    writev(this.#fd, batch, this.#bytes, (error, count) => {
      this.#bytes += error ? 0 : count;
      const rest = error || this.destroyed ? [] : behind(batch, count);
      // A disk that is nearly full takes a part, and refuses the next.
      if (rest.length > 0) return this.#store(rest);
      this.#writing = false;
      if (error && !this.destroyed) this.destroy(unstored(error));
      else this.#next();
    });
  }

  /** What follows a write. */
  #next(): void {
    const due = this.#taken || (this.#settled && this.#gatheredBytes > 0);
    if (due && !this.destroyed) this.#handOver();
    else this.#settled?.();
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
