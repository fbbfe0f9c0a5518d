import { setTimeout } from 'node:timers/promises';
import { bad } from '../../checksum/options.js';
import { SluiceError } from '../../errors/errors.js';
import { shown } from '../../shown.js';

/** Holds reads back to so many bytes a second, all files of it together. */
export class Throttle {
  readonly #bytesPerMs: number;
  /** When what was let through so far is paid for, in ms of performance.now(). */
  #paid = 0;

  constructor(bytesPerSecond: number) {
    if (!Number.isFinite(bytesPerSecond) || bytesPerSecond <= 0) {
      throw bad(`A rate is a number of bytes a second above 0, not ${shown(bytesPerSecond)}`);
    }
    this.#bytesPerMs = bytesPerSecond / 1000;
  }

  /** How much to read at a time, in bytes: a tenth of a second's worth, in whole MiB, and not more than 8 of them. */
  get piece(): number {
    const mebibyte = 2 ** 20;
    return Math.min(8, Math.max(1, Math.floor((this.#bytesPerMs * 100) / mebibyte))) * mebibyte;
  }

  /** Resolves when `bytes` more may be read: once all that was let through before is paid for. */
  async take(bytes: number, signal?: AbortSignal): Promise<void> {
    const now = performance.now();
    const start = Math.max(now, this.#paid);
    this.#paid = start + bytes / this.#bytesPerMs;
    if (start === now) return;
    try {
      await setTimeout(start - now, undefined, signal && { signal });
    } catch (cause) {
      throw new SluiceError('ERR_SLUICE_ABORTED', 'The work was abandoned', { cause });
    }
  }
}
