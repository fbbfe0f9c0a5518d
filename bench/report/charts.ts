/** The report's charts: for each section one of horizontal bars, the best first, each with its name and its number. */

import { labelOf } from '#lib/measure/buffer-sizes.js';
import type { Measurement } from '#lib/measure/rounds.js';
import { type Metric, metricOf, readableSpread } from './metrics.js';
import type { Section } from './report.js';

export interface Bar {
  name: string;
  backend: Measurement['parameters']['backend'];
  text: string;
  /** In percent of the chart's width. */
  length: number;
  lowerQuartile: number;
  upperQuartile: number;
}

export interface Chart {
  unit: string;
  more: boolean;
  bars: Bar[];
}

/** A splice moves bytes several times as fast as anything can sum them: it stands in the tables only. */
function drawn(row: Measurement): boolean {
  return !row.name.startsWith('splice');
}

function scaleOf(rows: readonly Measurement[], metric: Metric): number {
  const spreads = rows.map(metric.of);
  const longest = Math.max(...spreads.map(({ median }) => median));
  // One unsteady number must not make dots of all bars.
  return Math.min(1.3 * longest, Math.max(...spreads.map(({ upperQuartile }) => upperQuartile)));
}

export function chartOf(section: Section): Chart {
  const metric = metricOf(section);
  const rows = section.rows
    .filter(drawn)
    .toSorted((a, b) => (metric.of(b).median - metric.of(a).median) * (metric.more ? 1 : -1));
  const whole = scaleOf(rows, metric);
  const percent = (value: number) => (whole > 0 ? Math.min(100, (100 * value) / whole) : 0);
  const bars = rows.map((row): Bar => {
    const spread = metric.of(row);
    return {
      name: labelOf(row),
      backend: row.parameters.backend,
      text: readableSpread(spread),
      length: percent(spread.median),
      lowerQuartile: percent(spread.lowerQuartile),
      upperQuartile: percent(spread.upperQuartile),
    };
  });
  return { unit: metric.unit, more: metric.more, bars };
}
