/** The report as lines for a terminal. */

import Table from 'cli-table3';
import { labelOf } from '#lib/measure/buffer-sizes.js';
import { taken } from './auto.js';
import { headline } from './headline.js';
import { metricOf, readable, readableSpread, unsteady } from './metrics.js';
import type { Report, Section } from './report.js';

function sectionText(section: Section): string {
  const { title, rows } = section;
  const metric = metricOf(section);
  const table = new Table({
    head: ['', metric.unit, metric.cpuUnit, `× ${rows[0]?.name}`],
    colAligns: ['left', 'right', 'right', 'right'],
    style: { head: [], border: [], compact: true },
  });
  for (const row of rows) {
    table.push([
      labelOf(row),
      readableSpread(metric.of(row)),
      readable(metric.cpuOf(row).median),
      readableSpread(row.ratio),
    ]);
  }
  return `${title}\n${table.toString()}\n`;
}

export function textReport(report: Report): string {
  const { machine, warnings, missing, auto, sections } = report;
  const list = (title: string, items: readonly string[]) =>
    items.length === 0 ? [] : [`${title}\n${items.map((item) => `  - ${item}`).join('\n')}\n`];
  return [
    `${machine.cpu}, ${machine.cores} cores, Linux ${machine.kernel}, ${machine.fileSystem}`,
    ...headline(report),
    `Medians ± half the quartiles' distance; ${unsteady} where that distance is larger than the number.\n`,
    ...sections.map(sectionText),
    ...list(
      "engine 'auto' takes here:",
      auto.map(({ algorithm, reason, ...choice }) => `${algorithm}: ${taken(choice)} (${reason})`),
    ),
    ...list('Before you trust these numbers:', warnings),
    ...list('Not measured:', missing),
  ].join('\n');
}
