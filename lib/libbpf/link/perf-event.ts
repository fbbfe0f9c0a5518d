/** Perf events: a program at every n-th event of a counter, or n times a second. */

import { bad, optionsOf } from '../arguments.js';
import { idOrAll, unsigned32, unsigned64 } from '../integers.js';
import type { LoadedProgram } from '../program.js';
import { attach, type CookieOption, cookieOf, type Link } from './link.js';

/** Counters of the kernel itself, PERF_COUNT_SW_* of linux/perf_event.h; there on every machine. */
export const softwareEvents = {
  cpuClock: 0n,
  taskClock: 1n,
  pageFaults: 2n,
  contextSwitches: 3n,
  cpuMigrations: 4n,
} as const;

export interface PerfEventOptions extends CookieOption {
  /** PERF_TYPE_* of linux/perf_event.h. Default: 1, the software events. */
  type?: number;
  /** Which event of that type. Default: `softwareEvents.cpuClock`. */
  event?: bigint;
  /** How many events per run of the program; of the clocks, nanoseconds. */
  period?: bigint;
  /** Instead of a period: how many runs a second. */
  frequency?: bigint;
  /** The process to watch; 0: this one's calling thread; -1: all of them, on one CPU. Default 0. */
  pid?: number;
  /** The CPU to watch; -1: any. Default -1. */
  cpu?: number;
}

export function attachPerfEvent(program: LoadedProgram, options: PerfEventOptions): Link {
  const given = optionsOf(options, ['type', 'event', 'period', 'frequency', 'pid', 'cpu', 'cookie']);
  const { type = 1, event = softwareEvents.cpuClock, period, frequency, pid = 0, cpu = -1 } = given;
  const every = period ?? frequency;
  if (every === undefined || (period !== undefined && frequency !== undefined)) {
    throw bad('A perf event needs either a period or a frequency');
  }
  return attach(program, 'perfEvent', {
    type: unsigned32('type', type),
    config: unsigned64('event', event),
    period: unsigned64(frequency === undefined ? 'period' : 'frequency', every),
    frequency: frequency !== undefined,
    pid: idOrAll('pid', pid),
    cpu: idOrAll('cpu', cpu),
    cookie: cookieOf(given),
  });
}
