/** How a walk gets on, and what it found. */

import { humanBytes, interval, patience } from './progress.js';
import { statusLine } from './status-line.js';
import type { Totals } from './totals.js';

export function summary({ files, bytes, fellBack, ...verdicts }: Totals): string {
  const found = Object.entries(verdicts).filter(([, count]) => count > 0);
  const told = found.map(([name, count]) => `${count} ${name}`).join(', ');
  const cached = fellBack > 0 ? `; ${fellBack} read through the page cache, which could not be bypassed` : '';
  return `${files} ${files === 1 ? 'file' : 'files'}, ${humanBytes(bytes)} compared${told === '' ? '' : `: ${told}`}${cached}`;
}

/** A line on the terminal for work that takes its time. */
export class ScrubProgress {
  readonly #totals: Totals;
  readonly #say = statusLine();
  readonly #start: number = performance.now();
  readonly #timer: NodeJS.Timeout;
  #read = 0;

  constructor(totals: Totals) {
    this.#totals = totals;
    this.#timer = setInterval(() => this.#draw(), interval).unref();
  }

  /** @param bytes that were read since the last call */
  onRead(bytes: number): void {
    this.#read += bytes;
  }

  /** Takes the line away, so that another can be printed. */
  erase(): void {
    this.#say('');
  }

  stop(): void {
    clearInterval(this.#timer);
    this.erase();
  }

  #draw(): void {
    const elapsed = performance.now() - this.#start;
    if (elapsed < patience) return;
    const speed = `${humanBytes(this.#read)} read at ${humanBytes((this.#read * 1000) / elapsed)}/s`;
    this.#say(`${speed}, ${summary(this.#totals)}`);
  }
}
