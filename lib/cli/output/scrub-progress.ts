/** How a walk gets on, and what it found. */

import type { Totals } from '../../scrub/totals.js';
import { humanBytes, interval, patience } from './progress.js';
import { statusLine } from './status-line.js';

export function summary({ files, bytes, fellBack, ...verdicts }: Totals): string {
  const found = Object.entries(verdicts).filter(([, count]) => count > 0);
  const told = found.map(([name, count]) => `${count} ${name}`).join(', ');
  const cached = fellBack > 0 ? `; ${fellBack} read through the page cache, which could not be bypassed` : '';
  return `${filesOf(files)}, ${humanBytes(bytes)} compared${told === '' ? '' : `: ${told}`}${cached}`;
}

/** Counted things: `1 file`, `2 files`. */
function filesOf(count: number): string {
  return `${count} ${count === 1 ? 'file' : 'files'}`;
}

/**
 * What was left out, in a sentence without its end: that nothing was found wrong is no news where little was looked at.
 *
 * @param checksum what was looked for: `checksum`, or those of certain profiles and algorithms
 */
export function leftOut({ files, missing, bytes, ...found }: Totals, checksum: string): string | undefined {
  if (files === 0) return 'nothing was verified: there are no files';
  const store = `--store gives ${missing === 1 ? 'it' : 'them'} one`;
  const none = `nothing was verified: none of ${filesOf(files)} has a ${checksum}`;
  if (missing === files) return `${none}; ${store}`;
  const lacking = `${missing} of ${filesOf(files)} ${missing === 1 ? 'has' : 'have'} no ${checksum}; ${store}`;
  const isAnyDone = bytes > 0 || found.ok + found.rot + found.stored > 0;
  if (isAnyDone) return missing === 0 ? undefined : `not all was verified: ${lacking}`;
  return `${none} that could be compared${missing === 0 ? '' : `; ${lacking}`}`;
}

/** A line on the terminal for work that takes its time. */
export class ScrubProgress {
  readonly #say = statusLine();
  readonly #start: number = performance.now();
  #timer: NodeJS.Timeout | undefined;
  #read = 0;

  /** @param totals as they are whenever the line is drawn */
  start(totals: Readonly<Totals>): void {
    this.#timer = setInterval(() => this.#draw(totals), interval).unref();
  }

  /** @param bytes that were read so far */
  onProgress(bytes: number): void {
    this.#read = bytes;
  }

  /** Takes the line away, so that another can be printed. */
  erase(): void {
    this.#say('');
  }

  stop(): void {
    clearInterval(this.#timer);
    this.erase();
  }

  #draw(totals: Readonly<Totals>): void {
    const elapsed = performance.now() - this.#start;
    if (elapsed < patience) return;
    const speed = `${humanBytes(this.#read)} read at ${humanBytes((this.#read * 1000) / elapsed)}/s`;
    this.#say(`${speed}, ${summary(totals)}`);
  }
}
