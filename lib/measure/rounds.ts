/**
 * Runs contestants in turn, round after round, so that whatever disturbs the machine meanwhile (frequency, neighbours,
 * write-back) falls on all of them alike; ratios are formed within a round, before any median is taken.
 */

import type { Backend } from '../engine/backends.js';
import { relativeSpread, type Spread, spreadOf } from './statistics.js';

/** Nanoseconds; CPU time of all threads. */
export interface Took {
  wallNs: number;
  userNs: number;
  systemNs: number;
  /** Bytes that came from the device, where they are counted. */
  deviceBytes?: number;
}

/** One pass over the data. */
export interface Pass {
  bytes: number;
  /** What was computed, if anything; must be the same in every pass. */
  value?: bigint | undefined;
  /** What it took, where the work is done by another process or only a part of the pass is meant. */
  took?: Took;
}

/** What tells a contestant from the others, for reports. */
export interface Parameters {
  backend: Backend | 'none' | 'other';
  algorithm?: string;
  threads?: number;
  /** `cold`: taken out of the page cache before each pass; `direct`: O_DIRECT. */
  cache?: 'warm' | 'cold' | 'direct';
  /** Files in one pass, where it is not one. */
  files?: number;
  /** In bytes: what a call asks for, where the contestant has been given the size that suits it. */
  buffer?: number;
}

export interface Contestant {
  name: string;
  parameters: Parameters;
  pass(signal?: AbortSignal): Promise<Pass> | Pass;
  /** Before each pass, outside of the time that is measured. */
  prepare?(): Promise<void> | void;
}

/** A contestant, or several forms of one: the warm-up finds the fastest, and that one is measured. */
export type Entry = Contestant | readonly Contestant[];

export interface RoundsOptions {
  /** How many rounds; left out: from 5 to 40, until the ratios are steady to 1 % or `budgetSeconds` (20) are spent. */
  rounds?: number | undefined;
  budgetSeconds?: number | undefined;
  /** Passes are repeated within a sample until it lasts this long, so that clocks and wake-ups don't matter. Default 20. */
  sampleMilliseconds?: number | undefined;
  signal?: AbortSignal | undefined;
  /** Before each sample. Round 0 warms up; `rounds` is undefined while nobody knows how many there will be. */
  onProgress?: ((state: { name: string; round: number; rounds: number | undefined }) => void) | undefined;
}

export interface Measurement {
  name: string;
  parameters: Parameters;
  /** Of one pass. */
  bytes: number;
  value: bigint | undefined;
  rounds: number;
  /** Passes in each sample. */
  passes: number;
  /** Of one pass, by round. */
  samples: readonly Took[];
  /** 10^9 bytes a second. */
  gbPerSecond: Spread;
  /** CPU seconds per 10^9 bytes. */
  cpuSecondsPerGb: Spread;
  /** How many times as fast as the first contestant. */
  ratio: Spread;
}

interface Tally {
  contestant: Contestant;
  passes: number;
  bytes: number;
  value: bigint | undefined;
  samples: Took[];
}

const minimumRounds = 5;
const maximumRounds = 40;
const steady = 0.01;

/** The same bytes had different values: nothing that was measured can be trusted. */
export class DifferingValuesError extends Error {
  override readonly name = 'DifferingValuesError';
}

async function sample(tally: Tally, signal: AbortSignal | undefined): Promise<Took> {
  const { contestant, passes } = tally;
  const sum: Took = { wallNs: 0, userNs: 0, systemNs: 0 };
  for (let i = 0; i < passes; i++) {
    signal?.throwIfAborted();
    await contestant.prepare?.();
    const cpu = process.cpuUsage();
    const start = process.hrtime.bigint();
    const pass = await contestant.pass(signal);
    const wallNs = Number(process.hrtime.bigint() - start);
    const { user, system } = process.cpuUsage(cpu);
    const took = pass.took ?? { wallNs, userNs: user * 1000, systemNs: system * 1000 };
    sum.wallNs += took.wallNs;
    sum.userNs += took.userNs;
    sum.systemNs += took.systemNs;
    if (took.deviceBytes !== undefined) sum.deviceBytes = (sum.deviceBytes ?? 0) + took.deviceBytes;
    if (tally.value !== undefined && pass.value !== tally.value) {
      throw new DifferingValuesError(
        `${contestant.name} gave ${pass.value} after ${tally.value} for the same bytes`,
      );
    }
    tally.bytes = pass.bytes;
    tally.value = pass.value;
  }
  return {
    wallNs: sum.wallNs / passes,
    userNs: sum.userNs / passes,
    systemNs: sum.systemNs / passes,
    ...(sum.deviceBytes !== undefined && { deviceBytes: sum.deviceBytes / passes }),
  };
}

function ratios(tally: Tally, baseline: Tally): Spread {
  const speed = (of: Tally, round: number) => of.bytes / (of.samples[round] as Took).wallNs;
  return spreadOf(tally.samples.map((_, round) => speed(tally, round) / speed(baseline, round)));
}

function measurementOf(tally: Tally, baseline: Tally): Measurement {
  const { contestant, passes, bytes, value, samples } = tally;
  return {
    name: contestant.name,
    parameters: contestant.parameters,
    bytes,
    value,
    rounds: samples.length,
    passes,
    samples,
    // Bytes in a nanosecond are 10^9 bytes in a second.
    gbPerSecond: spreadOf(samples.map((each) => bytes / each.wallNs)),
    cpuSecondsPerGb: spreadOf(samples.map((each) => (each.userNs + each.systemNs) / bytes)),
    ratio: ratios(tally, baseline),
  };
}

/** The faster half goes on until one is left, so that those that are close are tried again. Their values must agree. */
async function chooseForm(
  tally: Tally,
  forms: readonly Contestant[],
  signal: AbortSignal | undefined,
): Promise<void> {
  let left = forms.map((form) => ({ form, wallNs: Number.POSITIVE_INFINITY }));
  while (left.length > 1) {
    for (const one of left) {
      tally.contestant = one.form;
      one.wallNs = Math.min(one.wallNs, (await sample(tally, signal)).wallNs);
    }
    left = left.toSorted((a, b) => a.wallNs - b.wallNs).slice(0, Math.ceil(left.length / 2));
  }
  const [fastest] = left;
  if (fastest) tally.contestant = fastest.form;
}

/**
 * Measures all contestants on the same data. The first is the baseline of the ratios. A round that only warms up, and
 * chooses among forms, comes first and is not counted.
 *
 * @throws whatever a contestant throws, the signal's reason, DifferingValuesError
 */
export async function measureRounds(
  entries: readonly Entry[],
  options: RoundsOptions = {},
): Promise<Measurement[]> {
  const { rounds, budgetSeconds = 20, sampleMilliseconds = 20, signal, onProgress } = options;
  const tallies: Tally[] = [];
  const begin = performance.now();
  for (const entry of entries) {
    const [contestant, ...others] = [entry].flat();
    if (!contestant) continue;
    const tally: Tally = { contestant, passes: 1, bytes: 0, value: undefined, samples: [] };
    onProgress?.({ name: contestant.name, round: 0, rounds });
    const { wallNs } = await sample(tally, signal);
    await chooseForm(tally, [contestant, ...others], signal);
    tally.passes = Math.max(1, Math.ceil((sampleMilliseconds * 1e6) / Math.max(wallNs, 1e3)));
    tallies.push(tally);
  }
  const [baseline] = tallies;
  if (!baseline) return [];

  const enough = (done: number) => {
    if (rounds !== undefined) return done >= rounds;
    if (done < minimumRounds) return false;
    return (
      done >= maximumRounds ||
      performance.now() - begin > budgetSeconds * 1e3 ||
      // A median becomes steadier with the square root of the rounds.
      tallies.every((tally) => relativeSpread(ratios(tally, baseline)) / Math.sqrt(done) < steady)
    );
  };
  for (let round = 0; !enough(round); round++) {
    // Each round begins with another one: nobody always follows the same neighbour's use of the caches.
    for (let i = 0; i < tallies.length; i++) {
      const tally = tallies[(round + i) % tallies.length] as Tally;
      onProgress?.({ name: tally.contestant.name, round: round + 1, rounds });
      tally.samples.push(await sample(tally, signal));
    }
  }
  return tallies.map((tally) => measurementOf(tally, baseline));
}
