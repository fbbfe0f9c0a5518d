/** What a section's numbers are told in, so that none of them is 0.00 and none has ten digits. */

import type { Measurement } from '#lib/measure/rounds.js';
import { inverted, plusMinus, quantile, type Spread, scaled, spreadOf } from '#lib/measure/statistics.js';
import type { Section } from './report.js';

export interface Metric {
  unit: string;
  /** Whether more of it is better. */
  more: boolean;
  of(row: Measurement): Spread;
  cpuUnit: string;
  cpuOf(row: Measurement): Spread;
}

/** From so many bytes a second on, throughput says more of a file than the time it takes. */
const smallFile = 2 ** 20;

function bytesPerFile({ bytes, parameters }: Measurement): number {
  return bytes / (parameters.files ?? 1);
}

/** Microseconds of CPU time for each file: seconds per 10^9 bytes are thousandths of microseconds a byte. */
const cpuPerFile = (row: Measurement): Spread => scaled(row.cpuSecondsPerGb, bytesPerFile(row) / 1000);

const latency: Metric = {
  unit: 'µs a file',
  more: false,
  of: (row) => inverted(row.gbPerSecond, bytesPerFile(row) / 1000),
  cpuUnit: 'CPU µs a file',
  cpuOf: cpuPerFile,
};

function perSecond(noun: string): Metric {
  return {
    unit: `${noun}/s`,
    more: true,
    of: (row) => scaled(row.gbPerSecond, 1e9 / bytesPerFile(row)),
    cpuUnit: `CPU µs a ${noun.slice(0, -1)}`,
    cpuOf: cpuPerFile,
  };
}

function rate(unit: string, factor: number): Metric {
  return {
    unit,
    more: true,
    of: (row) => scaled(row.gbPerSecond, factor),
    cpuUnit: 'CPU s/GB',
    cpuOf: (row) => row.cpuSecondsPerGb,
  };
}

/** Of an observation: the CPU time that there is more than where nobody observes, formed within a round. */
function added([baseline]: readonly Measurement[], metric: Metric): Metric {
  const cpu = ({ samples, bytes }: Measurement, round: number) => {
    const { userNs = 0, systemNs = 0 } = samples[round] ?? {};
    return (userNs + systemNs) / bytes;
  };
  const more = (row: Measurement): Measurement => ({
    ...row,
    cpuSecondsPerGb: spreadOf(
      row.samples.map((_, round) => cpu(row, round) - (baseline ? cpu(baseline, round) : 0)),
    ),
  });
  return { ...metric, cpuUnit: `${metric.cpuUnit} more`, cpuOf: (row) => metric.cpuOf(more(row)) };
}

const fromDevice: Pick<Metric, 'cpuUnit' | 'cpuOf'> = {
  cpuUnit: 'MB from the device',
  cpuOf: ({ samples }) => spreadOf(samples.map(({ deviceBytes = 0 }) => deviceBytes / 1e6)),
};

const fromClose: Metric = {
  ...latency,
  unit: 'µs from close to value',
  cpuUnit: 'µs, 99 of 100',
  cpuOf: ({ samples }) => {
    const ascending = samples.map(({ wallNs }) => wallNs / 1000).toSorted((a, b) => a - b);
    return spreadOf([quantile(ascending, 0.99)]);
  },
};

export function metricOf({ kind, rows }: Section): Metric {
  if (kind === 'value') return fromClose;
  if (kind === 'observe') return added(rows, speedOf('observe', rows));
  if (kind === 'pressure') return { ...speedOf(kind, rows), ...fromDevice };
  return speedOf(kind, rows);
}

function speedOf(kind: Section['kind'], rows: readonly Measurement[]): Metric {
  const small = rows.some((row) => (row.parameters.files ?? 1) > 1 && bytesPerFile(row) < smallFile);
  if (kind === 'latency') return latency;
  if (small) return perSecond(kind === 'upload' ? 'requests' : 'files');
  const slowest = Math.min(...rows.map((row) => row.gbPerSecond.median));
  return slowest < 0.1 ? rate('MB/s', 1000) : rate('GB/s', 1);
}

/** Three digits that count, and groups of three before the point: 12,345; 45.6; 0.00123. */
function decimals(value: number): number {
  if (value === 0) return 0;
  return Math.min(9, Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value)))));
}

export function readable(value: number, digits: number = decimals(value)): string {
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** The mark of a number that is unsteady. */
export const unsteady = '⚠';

/** Whether its quartiles are farther apart than it is large. */
export function isUnsteady({ median, lowerQuartile, upperQuartile }: Spread): boolean {
  return upperQuartile - lowerQuartile > median;
}

/** The place of its first digit behind the point: rounded first, for 0.0999999 is 0.1. */
function firstDecimal(value: number): number {
  return Math.min(9, Math.max(0, -Math.floor(Math.log10(Number(value.toPrecision(1))))));
}

/** A median ± half the distance of the quartiles, of which at least one digit is shown. */
export function readableSpread(spread: Spread): string {
  const { median } = spread;
  const half = plusMinus(spread);
  if (half === 0) return readable(median);
  const digits = Math.max(decimals(median), firstDecimal(half));
  const mark = isUnsteady(spread) ? ` ${unsteady}` : '';
  return `${readable(median, digits)} ±${readable(half, digits)}${mark}`;
}
