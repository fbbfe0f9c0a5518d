/** What the sections of the bench suite share: its folder, its rivals, and what was found so far. */

import { join } from 'node:path';
import { type Backend, backends } from '#lib/engine/backends.js';
import { type KernelEngine, kernelEngine } from '#lib/engine/taps/pipe.js';
import { binarySize } from '#lib/measure/binary-size.js';
import {
  DifferingValuesError,
  type Entry,
  type Measurement,
  measureRounds,
  type RoundsOptions,
} from '#lib/measure/rounds.js';
import { settle } from '#lib/measure/settling.js';
import type { SuiteOptions } from '#lib/measure/suite.js';
import type { Yardsticks } from '#lib/measure/yardstick.js';
import { makeFile, makeFiles } from './contestants/file-set.js';
import { javaScriptPackages } from './contestants/packages.js';
import type { Section, SectionKind } from './report/report.js';

/** What sums the same bytes has the same value, or none of it can be trusted. */
function checkValues(title: string, rows: readonly Measurement[]): void {
  const [first, ...others] = rows.filter((row) => row.value !== undefined);
  const other = others.find((row) => row.value !== first?.value);
  if (first && other) {
    throw new DifferingValuesError(
      `${title}: ${first.name} gave ${first.value}, and ${other.name} ${other.value}, for the same bytes`,
    );
  }
}

export class Bench {
  readonly options: SuiteOptions;
  readonly folder: string;
  readonly yardsticks: Yardsticks;
  readonly kernel: KernelEngine = kernelEngine();
  /** Those that can be had here. */
  readonly backends: readonly Backend[] = this.kernel.available ? backends : ['userspace'];
  readonly sections: Section[] = [];
  readonly warnings: string[] = [];
  readonly missing: Set<string>;

  constructor(options: SuiteOptions, folder: string, yardsticks: Yardsticks) {
    this.options = options;
    this.folder = folder;
    this.yardsticks = yardsticks;
    this.missing = new Set();
    if (options.only) return;
    for (const each of [...yardsticks.missing, ...javaScriptPackages().missing]) this.missing.add(each);
    if (!this.kernel.available) this.missing.add(`kernel engine: ${this.kernel.error.message}`);
  }

  /** Measures contestants, and keeps what came of it. */
  async section(
    kind: SectionKind,
    title: string,
    entries: Entry[],
    {
      sampleMilliseconds = 20,
      rounds,
      quickRounds = 5,
    }: Pick<RoundsOptions, 'sampleMilliseconds' | 'rounds'> & { quickRounds?: number } = {},
  ): Promise<void> {
    const { quick, signal, onProgress } = this.options;
    const rows = await measureRounds(entries, {
      rounds: quick ? quickRounds : rounds,
      budgetSeconds: 60,
      sampleMilliseconds: quick ? Math.min(sampleMilliseconds, 5) : sampleMilliseconds,
      signal,
      onProgress: ({ name, round }) => onProgress?.(`${title}: round ${round}, ${name}`),
    });
    checkValues(title, rows);
    this.sections.push({ kind, title, rows });
  }

  /** Makes a file of random bytes, to be removed after its section. */
  async file(bytes: number): Promise<string> {
    this.options.onProgress?.(`making a file of ${binarySize(bytes)}`);
    const path = await makeFile(join(this.folder, `large-${bytes}`), bytes, this.options.signal);
    await settle();
    return path;
  }

  /** Makes many, in a folder of their own. */
  async files(folder: string, count: number, bytes: number): Promise<string[]> {
    this.options.onProgress?.(`making ${count} files of ${binarySize(bytes)}`);
    const paths = await makeFiles(folder, count, bytes);
    await settle();
    return paths;
  }
}
