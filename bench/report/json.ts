/** The report for programs: hyperfine's shape, with times in nanoseconds and what hyperfine does not know added. */

import type { Measurement } from '#lib/measure/rounds.js';
import { type Spread, spreadOf } from '#lib/measure/statistics.js';
import type { AutoChoice, Report, Section } from './report.js';

interface JsonResult {
  command: string;
  mean_ns: number;
  stddev_ns: number;
  median_ns: number;
  /** CPU time, mean. */
  user_ns: number;
  system_ns: number;
  min_ns: number;
  max_ns: number;
  times_ns: number[];
  /** CPU time, by round. */
  cpu_times_ns: number[];
  /** Bytes that came from the device, by round, where they are counted. */
  device_bytes?: number[];
  parameters: Record<string, string | number>;
  /** Of one pass. */
  bytes: number;
  gb_per_second: Spread;
  cpu_seconds_per_gb: Spread;
  /** Speed relative to the first result of the same section. */
  ratio: Spread;
  /** Decimal; null where nothing is computed. */
  value: string | null;
}

export interface JsonReport {
  results: JsonResult[];
  machine: Report['machine'];
  options: Report['options'];
  started_at: string;
  auto: AutoChoice[];
  warnings: string[];
  missing: string[];
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, each) => sum + each, 0) / values.length;
}

/** Of a sample; 0 for a single value. */
function standardDeviation(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const middle = mean(values);
  return Math.sqrt(values.reduce((sum, each) => sum + (each - middle) ** 2, 0) / (values.length - 1));
}

function resultOf({ kind, title }: Section, row: Measurement): JsonResult {
  const times = row.samples.map((each) => each.wallNs);
  const fromDevice = row.samples.flatMap(({ deviceBytes }) => deviceBytes ?? []);
  return {
    command: row.name,
    mean_ns: mean(times),
    stddev_ns: standardDeviation(times),
    median_ns: spreadOf(times).median,
    user_ns: mean(row.samples.map((each) => each.userNs)),
    system_ns: mean(row.samples.map((each) => each.systemNs)),
    min_ns: Math.min(...times),
    max_ns: Math.max(...times),
    times_ns: times,
    cpu_times_ns: row.samples.map((each) => each.userNs + each.systemNs),
    ...(fromDevice.length > 0 && { device_bytes: fromDevice }),
    parameters: { section: kind, title, ...row.parameters },
    bytes: row.bytes,
    gb_per_second: row.gbPerSecond,
    cpu_seconds_per_gb: row.cpuSecondsPerGb,
    ratio: row.ratio,
    value: row.value === undefined ? null : String(row.value),
  };
}

export function jsonReport(report: Report): JsonReport {
  const { machine, options, startedAt, auto, warnings, missing, sections } = report;
  return {
    results: sections.flatMap((section) => section.rows.map((row) => resultOf(section, row))),
    machine,
    options,
    started_at: startedAt,
    auto,
    warnings,
    missing,
  };
}
