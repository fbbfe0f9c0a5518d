/** What `sluice compare` measures on one file, and how it is said. */

import Table from 'cli-table3';
import { type AlgorithmName, toHex } from '../../engine/algorithms.js';
import { backends, traits } from '../../engine/backends.js';
import { kernelEngine } from '../../engine/taps/pipe.js';
import { MiB } from '../../measure/binary-size.js';
import { labelOf } from '../../measure/buffer-sizes.js';
import { plainRead, reducedBy } from '../../measure/contestants.js';
import {
  type Measurement,
  measureRounds,
  type Parameters,
  type RoundsOptions,
} from '../../measure/rounds.js';
import { plusMinus, type Spread, spreadOf } from '../../measure/statistics.js';
import { noiseWarnings } from '../../measure/warnings.js';
import { Yardsticks } from '../../measure/yardstick.js';

/** One row of the comparison; what could not be measured is null, and `reason` says why. */
export interface Row {
  file: string;
  name: string;
  /** `other`: a library of this machine, for comparison. */
  backend: Parameters['backend'];
  algorithm: AlgorithmName | null;
  /** In bytes: what a library's program reads at once, the size that was the fastest. */
  buffer?: number;
  /** Size of the file. */
  bytes: number;
  /** Medians over the rounds, in 10^9 bytes a second, and in CPU seconds per 10^9 bytes. */
  gbPerSecond: number | null;
  cpuSecondsPerGb: number | null;
  /** Hexadecimal. */
  value: string | null;
  /** How many times as fast as the plain read of the same round. */
  ratio: Spread | null;
  /** Of gbPerSecond. */
  spread: Spread | null;
  rounds: number;
  reason?: string;
}

export interface Comparison {
  rows: Row[];
  /** One sentence for each algorithm, and one where the rounds differ much. */
  verdicts: string[];
  /** Algorithms whose backends disagree. */
  differing: AlgorithmName[];
}

function rowOf(file: string, measured: Measurement): Row {
  const {
    backend,
    algorithm = null,
    buffer,
  } = measured.parameters as {
    backend: Row['backend'];
    algorithm?: AlgorithmName;
    buffer?: number;
  };
  return {
    file,
    name: measured.name,
    backend,
    algorithm,
    ...(buffer !== undefined && { buffer }),
    bytes: measured.bytes,
    gbPerSecond: measured.gbPerSecond.median,
    cpuSecondsPerGb: measured.cpuSecondsPerGb.median,
    value: algorithm && measured.value !== undefined ? toHex(algorithm, measured.value) : null,
    ratio: measured.ratio,
    spread: measured.gbPerSecond,
    rounds: measured.rounds,
  };
}

function missingRow(file: string, algorithm: AlgorithmName, bytes: number, reason: string): Row {
  return {
    file,
    name: traits.bpf.name,
    backend: 'bpf',
    algorithm,
    bytes,
    gbPerSecond: null,
    cpuSecondsPerGb: null,
    value: null,
    ratio: null,
    spread: null,
    rounds: 0,
    reason,
  };
}

/** Who won, by the rounds in which both ran: a lead that a quarter of the rounds do not show is none. */
function conclusionOf(algorithm: AlgorithmName, user: Measurement, kernel: Measurement | undefined): string {
  const speed = (measured: Measurement) =>
    `${measured.gbPerSecond.median.toFixed(2)} GB/s at ${measured.cpuSecondsPerGb.median.toFixed(3)} CPU s/GB`;
  if (!kernel)
    return `${algorithm}: user space did ${speed(user)}; the kernel engine can't be had here, so it wins.`;
  const lead = spreadOf(
    user.samples.map(({ wallNs }, round) => (kernel.samples[round]?.wallNs as number) / wallNs),
  );
  if (lead.lowerQuartile <= 1 && lead.upperQuartile >= 1) {
    return `${algorithm}: a draw; user space did ${speed(user)}, the kernel ${speed(kernel)}.`;
  }
  const ahead = lead.median > 1;
  const factor = ahead ? lead.median : 1 / lead.median;
  return ahead
    ? `${algorithm}: user space wins, ${factor.toFixed(2)} times as fast: ${speed(user)}, the kernel ${speed(kernel)}.`
    : `${algorithm}: the kernel wins, ${factor.toFixed(2)} times as fast: ${speed(kernel)}, user space ${speed(user)}.`;
}

/**
 * Measures the plain read, the backends, and what libraries of this machine do, on one file, in interleaved rounds.
 *
 * @throws SluiceError for a file that can't be summed, DifferingValuesError
 */
export async function compareFile(
  file: string,
  algorithms: readonly AlgorithmName[],
  options: RoundsOptions,
): Promise<Comparison> {
  const kernel = kernelEngine();
  const yardsticks = await Yardsticks.find();
  const measured = await measureRounds(
    [
      plainRead(file),
      ...algorithms.flatMap((algorithm) => [
        ...backends
          .filter((backend) => kernel.available || backend === 'userspace')
          .map((backend) => reducedBy(file, backend, algorithm)),
        ...yardsticks.contestants('read', algorithm, file),
      ]),
    ],
    options,
  );
  const rows = measured.map((each) => rowOf(file, each));
  const verdicts: string[] = [];
  const differing: AlgorithmName[] = [];
  for (const algorithm of algorithms) {
    const ours = measured.filter(({ parameters }) => parameters.algorithm === algorithm);
    const user = ours.find(({ parameters }) => parameters.backend === 'userspace') as Measurement;
    const inKernel = ours.find(({ parameters }) => parameters.backend === 'bpf');
    if (ours.some(({ value }) => value !== user.value)) differing.push(algorithm);
    if (!kernel.available) rows.push(missingRow(file, algorithm, user.bytes, kernel.error.message));
    verdicts.push(conclusionOf(algorithm, user, inKernel));
  }
  verdicts.push(...noiseWarnings(measured), ...openingWarnings(measured));
  return { rows, verdicts, differing };
}

/** In bytes: with less, opening and checking a file is more than a few percent of the work. */
const small = 4 * MiB;

function openingWarnings([first]: readonly Measurement[]): string[] {
  if (!first || first.bytes >= small) return [];
  return [
    'The file is small: plain read and the engines open and check it in every pass, "read + …" does not. Compare larger files.',
  ];
}

function sameness(row: Row, rows: readonly Row[], differing: readonly AlgorithmName[]): string {
  const { algorithm } = row;
  const values = rows.filter((each) => each.algorithm === algorithm && each.value !== null);
  if (algorithm === null || values.length < 2) return '';
  return differing.includes(algorithm) ? 'NO' : 'yes';
}

/** The table that a person reads. */
export function formatComparison({ rows, verdicts, differing }: Comparison): string {
  const [first] = rows as [Row];
  const table = new Table({
    head: ['', 'algorithm', 'GB/s', 'CPU s/GB', '× plain read', 'value', 'same'],
    colAligns: ['left', 'left', 'right', 'right', 'right', 'left', 'left'],
    style: { head: [], border: [] },
  });
  for (const row of rows) {
    if (row.gbPerSecond === null || !row.ratio || !row.spread) {
      table.push([row.name, row.algorithm ?? '', { content: 'not available', colSpan: 5, hAlign: 'left' }]);
      continue;
    }
    table.push([
      labelOf({ name: row.name, parameters: row }),
      row.algorithm ?? '',
      `${row.gbPerSecond.toFixed(2)} ±${plusMinus(row.spread).toFixed(2)}`,
      row.cpuSecondsPerGb?.toFixed(3) ?? '',
      `${row.ratio.median.toFixed(2)} ±${plusMinus(row.ratio).toFixed(2)}`,
      row.value ?? '',
      sameness(row, rows, differing),
    ]);
  }
  const reason = rows.find((row) => row.reason !== undefined)?.reason;
  return [
    `${first.file}: ${first.bytes} bytes, ${first.rounds} rounds, one thread, cached; medians ± half the quartiles' distance`,
    table.toString(),
    ...(reason === undefined ? [] : [`The kernel engine is not available: ${reason}`]),
    ...verdicts,
    '',
  ].join('\n');
}
