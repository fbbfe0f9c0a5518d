/** The sections of the bench suite that sum bytes where they are: in files, and in memory. */

import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { defaultThreads } from '#lib/checksum/options.js';
import { algorithms } from '#lib/engine/algorithms.js';
import { binarySize, KiB, MiB } from '#lib/measure/binary-size.js';
import { type PassOptions, plainRead, plainSplice, reducedBy } from '#lib/measure/contestants.js';
import { machine } from '#lib/measure/machine.js';
import { cachedShare, dropFromCache } from '#lib/measure/page-cache.js';
import { cacheWarnings } from '#lib/measure/warnings.js';
import type { Bench } from './bench.js';
import { atOnce, inTurn, readFileAndZlib } from './contestants/file-set.js';
import { memoryContestants } from './contestants/memory.js';
import { packageContestants } from './contestants/packages.js';
import { toolContestants } from './contestants/tools.js';
import { treeContestants } from './contestants/trees.js';

function powersUpTo(most: number): number[] {
  const found: number[] = [];
  for (let threads = 1; threads < most; threads *= 2) found.push(threads);
  return [...found, most];
}

/** Everything that sums one large file, one algorithm at a time. */
export async function throughput(bench: Bench, bytes: number): Promise<void> {
  const path = await bench.file(bytes);
  const fileSystem = machine(bench.folder).fileSystem;
  for (const algorithm of algorithms) {
    const both = (options: PassOptions) =>
      bench.backends.map((backend) => reducedBy(path, backend, algorithm, options));
    const tools = toolContestants(algorithm, path);
    for (const each of tools.missing) bench.missing.add(each);
    await bench.section('throughput', `${algorithm}, one file of ${binarySize(bytes)}`, [
      plainRead(path),
      ...(bench.kernel.available ? [plainSplice(path)] : []),
      ...both({}),
      ...(defaultThreads > 1 ? both({ threads: defaultThreads }) : []),
      ...bench.yardsticks.contestants('read', algorithm, path),
      ...bench.yardsticks.contestants('mapped', algorithm, path),
      ...bench.yardsticks.contestants('splice', algorithm, path),
      ...packageContestants(algorithm, path),
      ...tools.contestants,
    ]);
    bench.warnings.push(...cacheWarnings(cachedShare(path, bytes), 'warm', fileSystem));
  }
  await rm(path);
}

export async function threads(bench: Bench, bytes: number): Promise<void> {
  const path = await bench.file(bytes);
  for (const algorithm of ['adler32', 'crc32c'] as const) {
    const counts = powersUpTo(defaultThreads);
    // The bare movement of the bytes bounds what more threads can give: a machine's memory may not be twice as fast for
    // two.
    await bench.section('threads', `${algorithm}, threads on one file of ${binarySize(bytes)}`, [
      ...counts.map((threads) => plainRead(path, { threads })),
      ...(bench.kernel.available ? counts.map((threads) => plainSplice(path, { threads })) : []),
      ...bench.backends.flatMap((backend) =>
        counts.map((threads) => reducedBy(path, backend, algorithm, { threads })),
      ),
    ]);
  }
  await rm(path);
}

/** Files of one size, one after the other, and many at once. */
export async function files(bench: Bench, bytes: number, count: number): Promise<void> {
  const folder = join(bench.folder, `files-${bytes}`);
  const paths = await bench.files(folder, count, bytes);
  const usual = (threads: number) => [readFileAndZlib(paths, threads)].filter((each) => each !== undefined);
  await bench.section(
    'latency',
    `crc32, files of ${binarySize(bytes)}, ${count} of them one after the other`,
    [
      inTurn(paths, plainRead),
      ...bench.backends.map((backend) => inTurn(paths, (path) => reducedBy(path, backend, 'crc32'))),
      ...usual(1),
    ],
  );
  if (bytes === 4 * KiB) {
    await bench.section(
      'many',
      `crc32, files of ${binarySize(bytes)}, ${count} of them, ${defaultThreads} at once`,
      [...usual(defaultThreads), ...bench.backends.map((backend) => atOnce(paths, backend))],
    );
  }
  await rm(folder, { recursive: true });
}

/** A tree of small files, a process for each contestant. */
export async function tree(bench: Bench, files: number): Promise<void> {
  const folder = join(bench.folder, 'tree');
  await mkdir(folder);
  // A thousand in a folder, as applications lay them out.
  for (let made = 0; made < files; made += 1000) {
    await bench.files(join(folder, String(made)), Math.min(1000, files - made), 4 * KiB);
  }
  const { contestants, missing } = await treeContestants(
    { folder, files, bytes: files * 4 * KiB },
    bench.options.signal,
  );
  for (const each of missing) bench.missing.add(each);
  const title = `crc32, a tree of ${files} files of 4 KiB, a process each`;
  await bench.section('tree', title, contestants, { sampleMilliseconds: 0, rounds: 5 });
  await rm(folder, { recursive: true });
}

/** The page cache: used, empty, and gone around. */
export async function cache(bench: Bench, bytes: number): Promise<void> {
  const path = await bench.file(bytes);
  dropFromCache(path);
  bench.warnings.push(...cacheWarnings(cachedShare(path, bytes), 'cold', machine(bench.folder).fileSystem));
  const states = ['warm', 'cold', 'direct'] as const;
  await bench.section(
    'cache',
    `adler32, one file of ${binarySize(bytes)}, warm, cold and with O_DIRECT`,
    states.flatMap((cache) => [
      plainRead(path, { cache }),
      ...bench.backends.map((backend) => reducedBy(path, backend, 'adler32', { cache })),
    ]),
    { sampleMilliseconds: 0 },
  );
  await rm(path);
}

export async function memory(bench: Bench): Promise<void> {
  const path = await bench.file(MiB);
  for (const algorithm of algorithms) {
    const contestants = [
      ...(await memoryContestants(algorithm)),
      ...bench.yardsticks.contestants('memory', algorithm, path),
    ];
    await bench.section('memory', `${algorithm}, in memory`, contestants, { sampleMilliseconds: 0 });
  }
  await rm(path);
}
