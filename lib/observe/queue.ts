import type { LostEvent, ObserveEvent } from './events.js';

/** As many events wait for a reader. Each takes about a kilobyte. */
const most = 50_000;

/** Events that wait to be read. It never makes the writer wait: what does not fit is counted. */
export class EventQueue {
  #events: ObserveEvent[] = [];
  #unread = 0;
  #ended = false;
  #failure: unknown;
  #wake: (() => void) | undefined;

  push(event: ObserveEvent): void {
    if (this.#events.length >= most) this.#unread += 1;
    else this.#events.push(event);
    this.#wake?.();
  }

  /** @param failure what a reader gets after the last event */
  end(failure?: unknown): void {
    this.#ended = true;
    this.#failure = failure;
    this.#wake?.();
  }

  #leftOut(): LostEvent[] {
    if (this.#unread === 0) return [];
    const count = this.#unread;
    this.#unread = 0;
    return [{ type: 'lost', what: 'unread', count }];
  }

  async *read(): AsyncGenerator<ObserveEvent, void, undefined> {
    for (;;) {
      const events = [...this.#events, ...this.#leftOut()];
      this.#events = [];
      yield* events;
      if (this.#events.length > 0) continue;
      if (this.#ended) break;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
    if (this.#failure !== undefined) throw this.#failure;
  }
}
