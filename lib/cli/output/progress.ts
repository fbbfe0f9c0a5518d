/** A line on the terminal that says how far long work has come. */

import { statSync } from 'node:fs';
import { standardInput } from '../input.js';
import { statusLine } from './status-line.js';

/** Work shorter than this (ms) shows no line. */
export const patience = 500;
/** The line is written anew this often (ms). */
export const interval = 100;

export function humanBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  return `${(bytes / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`;
}

/** The size of a regular file in bytes; undefined for what has no end known beforehand. */
function sizeOf(name: string): number | undefined {
  if (name === standardInput) return undefined;
  try {
    const stats = statSync(name);
    return stats.isFile() ? stats.size : undefined;
  } catch {
    return 0; // it will be reported as an error, and takes no time
  }
}

export class Progress {
  readonly #names: readonly string[];
  readonly #say: (text: string) => void;
  readonly #start: number = performance.now();
  #timer: NodeJS.Timeout;
  #shown = false;
  #total: number | undefined;
  #bytes = 0;
  #files = 0;

  constructor(names: readonly string[], stream: NodeJS.WriteStream = process.stderr) {
    this.#names = names;
    this.#say = statusLine(stream);
    this.#timer = setTimeout(() => this.#begin(), patience).unref();
  }

  /** @param bytes done so far, of all files */
  onBytes(bytes: number): void {
    this.#bytes = bytes;
  }

  /** One more file is done: `write` prints its result, which may go to the same terminal. */
  onFile(write: () => void): void {
    this.#files += 1;
    this.#erase();
    write();
  }

  /** Takes the line away. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#erase();
  }

  #begin(): void {
    this.#total = this.#names.reduce<number | undefined>((sum, name) => {
      const size = sum === undefined ? undefined : sizeOf(name);
      return size === undefined ? undefined : (sum as number) + size;
    }, 0);
    this.#timer = setInterval(() => this.#draw(), interval).unref();
    this.#draw();
  }

  #draw(): void {
    this.#say(this.#text());
    this.#shown = true;
  }

  #erase(): void {
    if (this.#shown) this.#say('');
    this.#shown = false;
  }

  #text(): string {
    const perSecond = (this.#bytes * 1000) / (performance.now() - this.#start);
    const parts = [`${humanBytes(perSecond)}/s`];
    if (this.#total === undefined) {
      parts.unshift(humanBytes(this.#bytes));
    } else {
      parts.unshift(`${humanBytes(this.#bytes)} of ${humanBytes(this.#total)}`);
      if (perSecond > 0)
        parts.push(`${Math.max(0, Math.ceil((this.#total - this.#bytes) / perSecond))} s left`);
    }
    if (this.#names.length > 1) parts.unshift(`${this.#files} of ${this.#names.length} files`);
    return parts.join(', ');
  }
}
