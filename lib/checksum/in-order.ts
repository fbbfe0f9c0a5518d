import { setMaxListeners } from 'node:events';
import { SluiceError } from '../errors/errors.js';

export interface InOrderOptions {
  threads: number;
  signal: AbortSignal | undefined;
  /** What is abandoned when the signal fires, for the beginning of a sentence. */
  what: string;
}

/**
 * Works on several items at once, and yields their results in the order of the items. Items are taken only as threads come
 * free.
 *
 * @param work gets a signal that fires also when the results are wanted no more
 * @throws SluiceError ERR_SLUICE_ABORTED when the signal fires
 */
export async function* inOrder<Item, Result>(
  items: Iterable<Item> | AsyncIterable<Item>,
  work: (item: Item, signal: AbortSignal) => Promise<Result>,
  { threads, signal, what }: InOrderOptions,
): AsyncGenerator<Result, void, undefined> {
  const left = new AbortController();
  const either = signal ? AbortSignal.any([signal, left.signal]) : left.signal;
  setMaxListeners(0, either); // all work under way listens to it
  const throwIfAborted = () => {
    if (signal?.aborted)
      throw new SluiceError('ERR_SLUICE_ABORTED', `${what} was abandoned`, { cause: signal.reason });
  };
  const pending: Promise<Result>[] = [];
  try {
    for await (const item of items) {
      const next = work(item, either);
      next.catch(() => {}); // the one that awaits it hears of it
      pending.push(next);
      // Twice the threads are under way, so that none of them waits for this loop.
      if (pending.length >= 2 * threads) yield await (pending.shift() as Promise<Result>);
      throwIfAborted();
    }
    while (pending.length > 0) {
      yield await (pending.shift() as Promise<Result>);
      throwIfAborted();
    }
  } finally {
    left.abort();
    await Promise.allSettled(pending);
  }
}
