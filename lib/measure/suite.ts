/** The bench suite: what is measured, in which sections, on which files. */

import { mkdtemp, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { defaultThreads } from '../checksum/options.js';
import { type AlgorithmName, algorithms } from '../engine/algorithms.js';
import { type Calibration, explain, kernelFrom } from '../engine/calibration.js';
import { kernelEngine } from '../engine/kernel.js';
import { SluiceError } from '../errors.js';
import { binarySize } from './binary-size.js';
import { calibrate } from './calibrate.js';
import { engine, type PassOptions, plainRead, plainSplice } from './contestants.js';
import { fileError } from './file-error.js';
import { atOnce, inTurn, makeFile, makeFiles, readFileAndZlib } from './file-set.js';
import { type Machine, machine } from './machine.js';
import { memoryContestants } from './memory.js';
import { javaScriptPackages, packageContestants } from './packages.js';
import { cachedShare, dropFromCache } from './page-cache.js';
import { type Contestant, DifferingValuesError, type Measurement, measureRounds } from './rounds.js';
import { toolContestants } from './tools.js';
import { type Movement, Transfers } from './transfers.js';
import { Uploads } from './uploads.js';
import { cacheWarnings, machineWarnings, noiseWarnings, StolenTime } from './warnings.js';
import { Yardsticks } from './yardstick.js';

export interface SuiteOptions {
  /** Where the files are made, and removed at the end: a folder on the file system in question. */
  folder: string;
  /** Of the largest file, in bytes. */
  size: number;
  /** Fewer rounds and files: a minute instead of half an hour. */
  quick: boolean;
  signal?: AbortSignal;
  /** What is being measured. */
  onProgress?: (text: string) => void;
}

export type SectionKind =
  | 'throughput'
  | 'threads'
  | 'latency'
  | 'many'
  | 'cache'
  | 'memory'
  | 'upload'
  | Movement;

export interface Section {
  kind: SectionKind;
  title: string;
  /** The first row is the baseline of the ratios. */
  rows: Measurement[];
}

/** What `engine: 'auto'` takes here. */
export interface AutoChoice {
  algorithm: AlgorithmName;
  /** Bytes from which on it is the kernel; null: never. */
  kernelFrom: number | null;
  reason: string;
}

export interface Report {
  machine: Machine;
  options: { folder: string; size: number; quick: boolean };
  startedAt: string;
  sections: Section[];
  auto: AutoChoice[];
  /** What makes the numbers doubtful, and what to do. */
  warnings: string[];
  /** What could not be measured, and why. */
  missing: string[];
}

const KiB = 1024;
const MiB = 1024 * KiB;
/** The engines wait this long when a file was changed a moment ago. */
const settlingMs = 50;

function fileSets(quick: boolean): readonly { bytes: number; count: number }[] {
  return [
    { bytes: 4 * KiB, count: quick ? 500 : 10_000 },
    { bytes: 64 * KiB, count: quick ? 100 : 1000 },
    { bytes: MiB, count: quick ? 10 : 100 },
    { bytes: 16 * MiB, count: quick ? 1 : 10 },
  ];
}

/** The largest file's relatives, from 64 MiB up in steps of 16 times. */
function largeSizes({ size, quick }: SuiteOptions): number[] {
  return quick ? [size] : [...new Set([Math.min(64 * MiB, size), size])];
}

async function checkRoom(folder: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize < bytes * 1.1) {
    throw new SluiceError(
      'ERR_SLUICE_OPTION',
      `${folder} has no room for ${bytes} bytes of files; free some, or give a smaller --size`,
      { path: folder },
    );
  }
}

function powersUpTo(most: number): number[] {
  const found: number[] = [];
  for (let threads = 1; threads < most; threads *= 2) found.push(threads);
  return [...found, most];
}

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

class Suite {
  readonly #options: SuiteOptions;
  readonly #folder: string;
  readonly #yardsticks: Yardsticks;
  readonly #kernel = kernelEngine();
  readonly #engines: readonly ('userspace' | 'kernel')[] = this.#kernel.available
    ? ['userspace', 'kernel']
    : ['userspace'];
  readonly sections: Section[] = [];
  readonly warnings: string[] = [];
  readonly missing: Set<string>;

  constructor(options: SuiteOptions, folder: string, yardsticks: Yardsticks) {
    this.#options = options;
    this.#folder = folder;
    this.#yardsticks = yardsticks;
    this.missing = new Set([...yardsticks.missing, ...javaScriptPackages().missing]);
    if (!this.#kernel.available) this.missing.add(`kernel engine: ${this.#kernel.error.message}`);
  }

  async #section(kind: SectionKind, title: string, contestants: Contestant[], sample = 20): Promise<void> {
    const { quick, signal, onProgress } = this.#options;
    const rows = await measureRounds(contestants, {
      ...(quick && { rounds: 5 }),
      budgetSeconds: 60,
      sampleMilliseconds: quick ? Math.min(sample, 5) : sample,
      signal,
      onProgress: ({ name, round }) => onProgress?.(`${title}: round ${round}, ${name}`),
    });
    checkValues(title, rows);
    this.sections.push({ kind, title, rows });
  }

  async #file(bytes: number): Promise<string> {
    this.#options.onProgress?.(`making a file of ${binarySize(bytes)}`);
    const path = await makeFile(join(this.#folder, `large-${bytes}`), bytes, this.#options.signal);
    await setTimeout(settlingMs);
    return path;
  }

  /** Everything that sums one large file, one algorithm at a time. */
  async throughput(bytes: number): Promise<void> {
    const path = await this.#file(bytes);
    const fileSystem = machine(this.#folder).fileSystem;
    for (const algorithm of algorithms) {
      const both = (options: PassOptions) =>
        this.#engines.map((which) => engine(path, which, algorithm, options));
      const tools = toolContestants(algorithm, path);
      for (const each of tools.missing) this.missing.add(each);
      await this.#section('throughput', `${algorithm}, one file of ${binarySize(bytes)}`, [
        plainRead(path),
        ...(this.#kernel.available ? [plainSplice(path)] : []),
        ...both({}),
        ...(defaultThreads > 1 ? both({ threads: defaultThreads }) : []),
        ...this.#yardsticks.contestants('read', algorithm, path),
        ...this.#yardsticks.contestants('mapped', algorithm, path),
        ...this.#yardsticks.contestants('splice', algorithm, path),
        ...packageContestants(algorithm, path),
        ...tools.contestants,
      ]);
      this.warnings.push(...cacheWarnings(cachedShare(path, bytes), 'warm', fileSystem));
    }
    await rm(path);
  }

  async threads(bytes: number): Promise<void> {
    const path = await this.#file(bytes);
    for (const algorithm of ['adler32', 'crc32c'] as const) {
      const counts = powersUpTo(defaultThreads);
      // The bare movement of the bytes bounds what more threads can give: a machine's memory may not be twice as fast for
      // two.
      await this.#section('threads', `${algorithm}, threads on one file of ${binarySize(bytes)}`, [
        ...counts.map((threads) => plainRead(path, { threads })),
        ...(this.#kernel.available ? counts.map((threads) => plainSplice(path, { threads })) : []),
        ...this.#engines.flatMap((which) =>
          counts.map((threads) => engine(path, which, algorithm, { threads })),
        ),
      ]);
    }
    await rm(path);
  }

  /** Files of one size, one after the other, and many at once. */
  async files(bytes: number, count: number): Promise<void> {
    this.#options.onProgress?.(`making ${count} files of ${binarySize(bytes)}`);
    const folder = join(this.#folder, `files-${bytes}`);
    const paths = await makeFiles(folder, count, bytes);
    await setTimeout(settlingMs);
    const usual = (threads: number) => [readFileAndZlib(paths, threads)].filter((each) => each !== undefined);
    await this.#section(
      'latency',
      `crc32, files of ${binarySize(bytes)}, ${count} of them one after the other`,
      [
        inTurn(paths, plainRead),
        ...this.#engines.map((which) => inTurn(paths, (path) => engine(path, which, 'crc32'))),
        ...usual(1),
      ],
    );
    if (bytes === 4 * KiB) {
      await this.#section(
        'many',
        `crc32, files of ${binarySize(bytes)}, ${count} of them, ${defaultThreads} at once`,
        [...usual(defaultThreads), ...this.#engines.map((which) => atOnce(paths, which))],
      );
    }
    await rm(folder, { recursive: true });
  }

  /** The page cache: used, empty, and gone around. */
  async cache(bytes: number): Promise<void> {
    const path = await this.#file(bytes);
    dropFromCache(path);
    this.warnings.push(...cacheWarnings(cachedShare(path, bytes), 'cold', machine(this.#folder).fileSystem));
    const states = ['warm', 'cold', 'direct'] as const;
    await this.#section(
      'cache',
      `adler32, one file of ${binarySize(bytes)}, warm, cold and with O_DIRECT`,
      states.flatMap((cache) => [
        plainRead(path, { cache }),
        ...this.#engines.map((which) => engine(path, which, 'adler32', { cache })),
      ]),
      0,
    );
    await rm(path);
  }

  /** A file received from loopback, copied, and sent to it. */
  async transfers(bytes: number): Promise<void> {
    await using transfers = await Transfers.build();
    if (transfers.missing !== undefined) {
      this.missing.add(transfers.missing);
      return;
    }
    const path = await this.#file(bytes);
    const sink = join(this.#folder, 'sink');
    for (const movement of ['put', 'copy', 'get'] as const) {
      const title = `adler32, ${movement.toUpperCase()} of ${binarySize(bytes)}`;
      await this.#section(movement, title, transfers.contestants(movement, path, sink, this.#engines), 0);
    }
    await rm(sink, { force: true });
    await rm(path);
  }

  /** Files PUT over HTTP: a large one, and many small ones. */
  async uploads(bytes: number): Promise<void> {
    await using uploads = await Uploads.build();
    const many = { bytes: 16 * KiB, count: this.#options.quick ? 500 : 10_000, connections: 4 };
    for (const { bytes: size, count, connections } of [{ bytes, count: 1, connections: 1 }, many]) {
      const file = await this.#file(size);
      const folder = join(this.#folder, 'uploads');
      const title = `crc32, HTTP PUT, ${count} × ${binarySize(size)}`;
      const rows = await uploads.contestants({ file, folder, count, connections });
      if (rows.length > 0) await this.#section('upload', title, rows, 0);
      await rm(folder, { recursive: true, force: true });
      await rm(file);
    }
    for (const each of uploads.missing) this.missing.add(each);
  }

  async memory(): Promise<void> {
    const path = await this.#file(MiB);
    for (const algorithm of algorithms) {
      const contestants = [
        ...(await memoryContestants(algorithm)),
        ...this.#yardsticks.contestants('memory', algorithm, path),
      ];
      await this.#section('memory', `${algorithm}, in memory`, contestants, 0);
    }
    await rm(path);
  }

  async auto(): Promise<AutoChoice[]> {
    if (!this.#kernel.available) return [];
    const { signal, onProgress } = this.#options;
    onProgress?.('calibrating');
    const measured: Calibration = await calibrate(signal && { signal });
    return algorithms.map((algorithm) => {
      const from = kernelFrom(measured, [algorithm]);
      return {
        algorithm,
        kernelFrom: Number.isFinite(from) ? from : null,
        reason: explain(measured, [algorithm], Number.isFinite(from) ? from : this.#options.size),
      };
    });
  }
}

/**
 * Runs all of it. The files are made in a new folder within `folder`, and removed whatever happens.
 *
 * @throws SluiceError where there is no room, ERR_SLUICE_ABORTED, DifferingValuesError
 */
export async function runSuite(options: SuiteOptions): Promise<Report> {
  const { size, quick, signal } = options;
  const on = machine(options.folder);
  const startedAt = new Date().toISOString();
  const before = machineWarnings(on);
  const stolen = new StolenTime();
  let folder: string | undefined;
  try {
    await checkRoom(options.folder, 2 * size); // the largest file, and what it is copied to
    folder = await mkdtemp(join(options.folder, 'sluice-bench-'));
    await using yardsticks = await Yardsticks.build();
    const suite = new Suite(options, folder, yardsticks);
    const auto = await suite.auto();
    await suite.memory();
    for (const { bytes, count } of fileSets(quick)) await suite.files(bytes, count);
    for (const bytes of largeSizes(options)) await suite.throughput(bytes);
    await suite.threads(size);
    await suite.transfers(size);
    await suite.uploads(size);
    await suite.cache(Math.min(size, 256 * MiB));
    return {
      machine: on,
      options: { folder: options.folder, size, quick },
      startedAt,
      sections: suite.sections,
      auto,
      warnings: [
        ...before,
        ...stolen.warnings(),
        ...noiseWarnings(suite.sections.flatMap((section) => section.rows)),
        ...new Set(suite.warnings),
      ],
      missing: [...suite.missing],
    };
  } catch (error) {
    if (!signal?.aborted) throw fileError(error, options.folder);
    throw new SluiceError('ERR_SLUICE_ABORTED', 'The bench suite was abandoned', { cause: error });
  } finally {
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  }
}
