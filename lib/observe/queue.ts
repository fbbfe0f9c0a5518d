import type { ObserveEvent } from './events.js';

/** As many events wait for a reader. Each takes about a kilobyte. */
const most = 50_000;

/** Those that were read are let go so many at a time. */
const batch = 1000;

/**
 * Events that wait to be read. It never makes the writer wait: what does not fit is counted. An iterator, and no generator:
 * that would take several promises for each event.
 */
export class EventQueue implements AsyncIterator<ObserveEvent, void, undefined> {
  readonly #dispose: () => Promise<void>;
  #events: ObserveEvent[] = [];
  /** As many of them were read. */
  #read = 0;
  #unread = 0;
  #ended = false;
  #failure: unknown;
  #waiting: (() => void)[] = [];

  /** @param dispose called when it was read to its end, or is left */
  constructor(dispose: () => Promise<void>) {
    this.#dispose = dispose;
  }

  push(event: ObserveEvent): void {
    if (this.#events.length - this.#read >= most) this.#unread += 1;
    else this.#events.push(event);
    this.#wake();
  }

  /** @param failure what a reader gets after the last event */
  end(failure?: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#failure = failure;
    this.#wake();
  }

  async next(): Promise<IteratorResult<ObserveEvent, void>> {
    for (;;) {
      const value = this.#shift();
      if (value) return { done: false, value };
      if (this.#ended) break;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    await this.#dispose();
    const failure = this.#failure;
    this.#failure = undefined; // it is told once
    if (failure !== undefined) throw failure;
    return { done: true, value: undefined };
  }

  async return(): Promise<IteratorResult<ObserveEvent, void>> {
    this.#events = [];
    this.#read = 0;
    this.#unread = 0;
    this.end();
    await this.#dispose();
    return { done: true, value: undefined };
  }

  #shift(): ObserveEvent | undefined {
    const event = this.#events[this.#read];
    if (event) this.#read += 1;
    if (!event || this.#read === batch) {
      this.#events.splice(0, this.#read);
      this.#read = 0;
    }
    if (event) return event;
    if (this.#unread === 0) return undefined;
    const count = this.#unread;
    this.#unread = 0;
    return { type: 'lost', what: 'unread', count, error: undefined };
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}
