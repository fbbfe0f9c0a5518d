/** The report in three sentences, for those who read no further. */

import { type Backend, backends, traits } from '#lib/engine/backends.js';
import { binarySize } from '#lib/measure/binary-size.js';
import { labelOf } from '#lib/measure/buffer-sizes.js';
import type { Measurement } from '#lib/measure/rounds.js';
import { isUnsteady, readable } from './metrics.js';
import type { Report } from './report.js';

function fastest(rows: readonly Measurement[]): Measurement | undefined {
  return rows.toSorted((a, b) => b.gbPerSecond.median - a.gbPerSecond.median)[0];
}

/** Where one of ours worked. */
function placeOf({ parameters: { backend } }: Measurement): string | undefined {
  return backends.includes(backend as Backend) ? traits[backend as Backend].place : undefined;
}

/** Of the first algorithm, on the largest file. Empty if that was not measured. */
export function headline({ sections, options }: Report): string[] {
  const section = sections.find(({ kind, rows }) => kind === 'throughput' && rows[0]?.bytes === options.size);
  const rows = section?.rows.filter(({ parameters }) => (parameters.threads ?? 1) === 1) ?? [];
  const ours = rows.filter((row) => placeOf(row) !== undefined);
  const best = fastest(ours);
  if (!best) return [];
  const speed = ({ gbPerSecond }: Measurement) => `${readable(gbPerSecond.median)} GB/s`;
  const times = (a: Measurement, b: Measurement) => readable(a.gbPerSecond.median / b.gbPerSecond.median);
  const said = [
    `This machine sums a file of ${binarySize(options.size)} (${best.parameters.algorithm}) at ${speed(best)} with one thread.`,
  ];
  // A splice does nothing with the file either, but does not read it.
  const plain = rows.find(({ name }) => name === 'plain read');
  if (plain) {
    const share = Math.round((100 * best.gbPerSecond.median) / plain.gbPerSecond.median);
    said.push(
      `That is ${share} % of the speed at which it reads the file and does nothing with it (${speed(plain)}).`,
    );
  }
  const other = fastest(ours.filter((row) => row.parameters.backend !== best.parameters.backend));
  if (other) {
    said.push(
      `The faster engine is ${placeOf(best)}: ${times(best, other)} times as fast as ${placeOf(other)} (${speed(other)}).`,
    );
  }
  const rival = fastest(rows.filter((row) => row.parameters.backend === 'other'));
  if (rival) said.push(`The best of what there is besides, ${labelOf(rival)}, reaches ${speed(rival)}.`);
  if ([best, plain, other, rival].some((row) => row && isUnsteady(row.gbPerSecond))) {
    said.push(
      'These numbers vary too much to be relied on: measure again while the machine does nothing else.',
    );
  }
  return said;
}
