/** What makes the numbers worth less than they look, and what to do about it. */

import { existsSync, readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { binarySize, MiB } from './binary-size.js';
import type { Machine } from './machine.js';
import type { Measurement } from './rounds.js';
import { relativeSpread } from './statistics.js';

/** Of the machine, before anything is measured: our own work must not count. */
export function machineWarnings({ cores, governor, virtual, freePageReporting }: Machine): string[] {
  const warnings: string[] = [];
  const [load] = loadavg() as [number];
  if (load > cores / 4) {
    warnings.push(
      `Other programs use the processors (load average ${load.toFixed(1)} on ${cores} cores). Stop them, and measure again.`,
    );
  }
  if (governor !== undefined && governor !== 'performance') {
    warnings.push(
      `The frequency governor is ${governor}: short work runs slower than long work. cpupower frequency-set -g performance`,
    );
  }
  if (virtual) {
    warnings.push(
      'This is a virtual machine: its neighbours are not seen here, nor is the frequency. Compare ratios, not speeds.',
    );
  }
  if (freePageReporting) {
    warnings.push(
      'The hypervisor takes free memory back, and a page that is used again has to come from it first: rows that write files can take several times as long in one round as in another. Compare several runs, or switch off free page reporting of the balloon device.',
    );
  }
  return warnings;
}

/** Time that the hypervisor gave to others, as a share of all; proc_stat(5). */
export class StolenTime {
  readonly #before = StolenTime.#read();

  static #read(): { stolen: number; all: number } {
    // Without /proc nothing is known, and nothing said.
    const stat = existsSync('/proc/stat') ? readFileSync('/proc/stat', 'utf8') : '';
    const fields = stat.split('\n', 1)[0]?.trim().split(/\s+/).slice(1, 9) ?? [];
    const ticks = fields.map(Number);
    return { stolen: ticks[7] ?? 0, all: ticks.reduce((sum, each) => sum + each, 0) };
  }

  warnings(): string[] {
    const now = StolenTime.#read();
    const share = (now.stolen - this.#before.stolen) / Math.max(1, now.all - this.#before.all);
    if (share < 0.01) return [];
    return [
      `The hypervisor gave ${(share * 100).toFixed(0)} % of this machine's time to others. Measure at another time, or on hardware of its own.`,
    ];
  }
}

/** In bytes: two threads share a file from this size on (native/checksum/job.cc). */
const shared = 32 * MiB;

/** @param size of the largest file, in bytes */
export function sizeWarnings(size: number): string[] {
  if (size >= shared) return [];
  return [
    `The largest file has ${binarySize(size)}: it fits into the processor's caches, and is summed by one thread only. Give a --size of ${binarySize(shared)} or more.`,
  ];
}

const steadyEnough = 0.05;

/** Rows whose ratios differ from round to round. */
export function noiseWarnings(rows: readonly Measurement[]): string[] {
  const noisy = rows.filter((row) => relativeSpread(row.ratio) > steadyEnough);
  if (noisy.length === 0) return [];
  return [
    `${noisy.length} of ${rows.length} rows differ by more than ±${steadyEnough * 100} % from round to round: look at their spread before you compare them. Stop other programs, or measure more rounds.`,
  ];
}

/** A file that should be cached and is not, or should not be and is. `share` of it is in the page cache. */
export function cacheWarnings(share: number, wanted: 'warm' | 'cold', fileSystem: string): string[] {
  if (wanted === 'warm' && share < 0.99) {
    return [
      `Only ${(share * 100).toFixed(0)} % of the largest file stayed in the page cache, so what is called warm was not. Free memory, or give a smaller --size.`,
    ];
  }
  if (wanted === 'cold' && share > 0.01) {
    return [
      `${fileSystem} kept ${(share * 100).toFixed(0)} % of a file in memory that was to be read cold. Give a --dir on a disk.`,
    ];
  }
  return [];
}
