/** What the readers of ring buffers and of perf buffers have in common: records that arrive. */

import { SluiceError } from '../../errors/errors.js';
import type { NativeReadiness } from '../../native/libbpf.js';
import { instance, optionsOf } from '../arguments.js';
import { type Codec, expectCodec } from '../codec.js';
import { Handle, refuseStrangers } from '../handle.js';
import { waitFor } from './wait.js';

export interface ReaderOptions {
  /** Ends the reading: the iteration throws ERR_SLUICE_ABORTED, and the buffer is closed. */
  signal?: AbortSignal;
}

interface RecordOptions<T> extends ReaderOptions {
  record?: Codec<T>;
}

/**
 * Reads records as they arrive. While somebody waits for the next one the process stays alive; between that nothing is
 * read, and what does not fit into the buffer meanwhile is lost.
 *
 * Leaving a `for await` closes the buffer. A record that its codec can't read rejects `next()` with ERR_SLUICE_VALUE and
 * ends a `for await` without closing, for JavaScript calls no `return()` then: `next()`, or another loop, goes on with the
 * record after it.
 */
export abstract class Reader<T> extends Handle implements AsyncIterableIterator<T>, AsyncDisposable {
  readonly #readiness: NativeReadiness;
  readonly #signal: AbortSignal | undefined;
  readonly #leaveSignal: (() => void) | undefined;
  /** Read one at a time, when it is its turn, so that one that can't be read costs none of the others. */
  #taken: (() => T)[] = [];
  #delivered = 0;
  #closed = false;
  #wake: (() => void) | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  protected constructor(readiness: NativeReadiness, signal: AbortSignal | undefined) {
    super();
    this.#readiness = readiness;
    this.#signal = signal;
    if (signal?.aborted) this.close();
    else if (signal) this.#leaveSignal = closeOnAbort(this, signal);
  }

  /** What is there now; it is taken out of the buffer. Each function reads one record. */
  protected abstract consume(): (() => T)[];

  /** How many records were taken out of the buffer and not delivered yet. If it is closed, they are lost. */
  get undelivered(): number {
    return this.#taken.length - this.#delivered;
  }

  /** The next record, as soon as there is one; `done` after `close()`. */
  next(): Promise<IteratorResult<T, undefined>> {
    const turn = this.#turn.then(() => this.#next());
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async #next(): Promise<IteratorResult<T, undefined>> {
    for (;;) {
      if (this.#closed) {
        if (this.#signal?.aborted) {
          throw new SluiceError('ERR_SLUICE_ABORTED', 'Reading the buffer was aborted', {
            cause: this.#signal.reason,
          });
        }
        return { done: true, value: undefined };
      }
      const record = this.#taken[this.#delivered];
      if (record) {
        this.#delivered++;
        return { done: false, value: record() };
      }
      this.#taken = this.consume();
      this.#delivered = 0;
      if (this.#taken.length === 0) await this.#arrival();
    }
  }

  #arrival(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      waitFor(this.#readiness, resolve);
    });
  }

  async return(): Promise<IteratorResult<T, undefined>> {
    this.close();
    return { done: true, value: undefined };
  }

  /** Who waits for a record gets `done`. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#leaveSignal?.();
    this.#readiness.close();
    this.#wake?.();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  static {
    refuseStrangers(Reader);
  }
}

/** A signal may live as long as the process: it must not keep a reader that was forgotten, nor a listener for it. */
function closeOnAbort(reader: { close(): void }, signal: AbortSignal): () => void {
  const weak = new WeakRef(reader);
  const abort = () => weak.deref()?.close();
  const leave = () => signal.removeEventListener('abort', abort);
  signal.addEventListener('abort', abort, { once: true });
  collected.register(reader, leave);
  return leave;
}

const collected = new FinalizationRegistry((leave: () => void) => leave());

/** What a reader is asked for, checked before there is anything to close. */
export function readerOptions<T, O extends RecordOptions<T>>(
  given: O,
  names: readonly (keyof O & string)[],
): O {
  const options = optionsOf(given, names);
  if (options.signal !== undefined) instance('signal', AbortSignal, options.signal);
  if (options.record !== undefined) expectCodec(options.record);
  return options;
}

/** Cuts the bytes of a batch into its records. */
export function cut(bytes: Buffer, lengths: Uint32Array): Buffer[] {
  let start = 0;
  return Array.from(lengths, (length) => {
    const record = bytes.subarray(start, start + length);
    start += length;
    return record;
  });
}
