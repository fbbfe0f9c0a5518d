/** How often and how long programs run, which the kernel counts on request. */

import { native } from '../native/index.js';
import type { NativeStatistics } from '../native/libbpf.js';
import { Handle, refuseStrangers } from './handle.js';
import './refusal.js';

/** Counted until `close()`, collection or the end of the process. */
export class Statistics extends Handle implements Disposable {
  readonly #native: NativeStatistics;

  /** @internal */
  constructor(from: NativeStatistics) {
    super();
    this.#native = from;
  }

  close(): void {
    this.#native.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  static {
    refuseStrangers(Statistics);
  }
}

/** While this is open the kernel counts the runs and the time of all programs (5.8), at some cost to each run. */
export function enableStatistics(): Statistics {
  return new Statistics(new native.Statistics());
}
