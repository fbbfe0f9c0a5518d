/** Who sums what others write: an observation by each method, or a read after the file was stored. */

import { readFileSync } from 'node:fs';
import { checksum } from '#lib/checksum/checksum.js';
import type { AlgorithmName } from '#lib/engine/algorithms.js';
import { SluiceError } from '#lib/errors/errors.js';
import { dropFromCache } from '#lib/measure/page-cache.js';
import type { Contestant, Parameters, Pass } from '#lib/measure/rounds.js';
import { type Method, type Observation, observe } from '#lib/observe/index.js';
import { childrenNamed, cpuTime } from './cpu-time.js';

/** How files are written, by a program that knows of nobody. */
export interface Writing {
  /** What is observed. */
  folder: string;
  /** How many files are stored in it in a pass: as many values are waited for. */
  files: number;
  /** Before each pass: makes room. */
  prepare(): Promise<void>;
  /** The time is that of the program alone. */
  write(signal: AbortSignal | undefined): Promise<Required<Pass>>;
  /** Those of the last pass. */
  paths(): string[];
}

interface Observer {
  name: string;
  method: Method;
  algorithm: AlgorithmName;
  backend: Parameters['backend'];
}

const observers: readonly Observer[] = [
  { name: 'follow', method: 'follow', algorithm: 'adler32', backend: 'userspace' },
  { name: 'hook', method: 'hook', algorithm: 'adler32', backend: 'bpf' },
  { name: 'hook, crc32c', method: 'hook', algorithm: 'crc32c', backend: 'bpf' },
  { name: 'auto', method: 'auto', algorithm: 'adler32', backend: 'userspace' },
  // What people build of fanotify, with the fastest sum there is.
  { name: 'fanotify + reread', method: 'reread', algorithm: 'adler32', backend: 'other' },
];

/** A subset of the observers, by name. */
export type ObserverName = 'follow' | 'hook' | 'hook, crc32c' | 'auto' | 'fanotify + reread';

/** Observes a folder, whose files get the attribute of the profile `sluice`. */
export function begin(
  folder: string,
  { method, algorithm }: Pick<Observer, 'method' | 'algorithm'>,
): Observation {
  return observe(folder, { method, algorithms: [algorithm], profiles: ['sluice'] });
}

/** The observers that there are here, and why the others are not. */
export function observersFor(
  folder: string,
  names: readonly ObserverName[],
): { found: Observer[]; missing: string[] } {
  const found: Observer[] = [];
  const missing: string[] = [];
  for (const each of observers.filter(({ name }) => names.includes(name as ObserverName))) {
    try {
      void begin(folder, each)[Symbol.asyncDispose]();
      found.push(each);
    } catch (error) {
      if (!(error instanceof SluiceError)) throw error;
      missing.push(`Observe, ${each.name}: not on this machine: ${error.message}`);
    }
  }
  return { found, missing };
}

/** The sum of the values of so many files. The observation goes on: to end it is not what is measured. */
async function valuesOf(observation: Observation, files: number): Promise<bigint> {
  const values = new Map<string, bigint>();
  const events = observation[Symbol.asyncIterator]();
  while (values.size < files) {
    const { value: event } = await events.next();
    if (event?.type === 'value') values.set(event.file, [...event.checksums][0]?.[1] ?? 0n);
    else if (event?.type !== 'retracted')
      throw new SluiceError('ERR_SLUICE_IO', `Observing what was written gave no value (${event?.type})`);
  }
  return [...values.values()].reduce((sum, value) => sum + value, 0n);
}

/** What all threads of this process have read from devices; undefined where the kernel does not tell. */
function bytesFromDevices(): number | undefined {
  try {
    return Number(/^read_bytes: (\d+)$/m.exec(readFileSync('/proc/self/io', 'latin1'))?.[1]);
  } catch {
    return undefined;
  }
}

/** CPU time until now, in nanoseconds, of this process and the one that sets attributes for it. */
function ownCpu(): { userNs: number; systemNs: number } {
  const { user, system } = process.cpuUsage();
  const total = { userNs: user * 1000, systemNs: system * 1000 };
  for (const setter of childrenNamed('attribute-sette')) {
    const { userNs, systemNs } = cpuTime(setter, 'itself');
    total.userNs += userNs;
    total.systemNs += systemNs;
  }
  return total;
}

/** Writes, and has `sum` do what there is besides: the writer's wall-clock time, and the CPU time of both. */
async function measured(
  writing: Writing,
  sum: () => Promise<bigint | undefined>,
  signal: AbortSignal | undefined,
): Promise<Pass> {
  const read = bytesFromDevices();
  const before = ownCpu();
  const { bytes, took } = await writing.write(signal);
  const value = await sum();
  const after = ownCpu();
  const fromDevices = bytesFromDevices();
  return {
    bytes,
    value,
    took: {
      wallNs: took.wallNs,
      userNs: took.userNs + after.userNs - before.userNs,
      systemNs: took.systemNs + after.systemNs - before.systemNs,
      ...(read !== undefined && fromDevices !== undefined && { deviceBytes: fromDevices - read }),
    },
  };
}

/** The baseline: nobody sums anything. */
export function nobody(writing: Writing): Contestant {
  return {
    name: 'not observed',
    parameters: { backend: 'none', files: Math.max(1, writing.files) },
    prepare: () => writing.prepare(),
    pass: (signal) => measured(writing, async () => undefined, signal),
  };
}

export function observedBy(observer: Observer, writing: Writing): Contestant {
  const { name, backend, algorithm } = observer;
  let observation: Observation | undefined;
  return {
    name: `observed: ${name}`,
    parameters: { backend, algorithm, files: Math.max(1, writing.files) },
    async prepare() {
      await writing.prepare();
      observation = begin(writing.folder, observer);
    },
    async pass(signal) {
      await using observing = observation as Observation;
      const pass = await measured(writing, () => valuesOf(observing, writing.files), signal);
      // Another algorithm's sums are not to be compared with the others.
      return algorithm === 'adler32' && writing.files > 0 ? pass : { ...pass, value: undefined };
    },
  };
}

/** A program that is told when a file was stored, and reads it: warm, or after it has left the page cache. */
export function secondRead(cache: 'warm' | 'cold', writing: Writing): Contestant {
  return {
    name: `a second read, ${cache}`,
    parameters: { backend: 'other', algorithm: 'adler32', files: writing.files },
    prepare: () => writing.prepare(),
    async pass(signal) {
      const written = await writing.write(signal);
      if (cache === 'cold') for (const path of writing.paths()) dropFromCache(path);
      const read = await measured(
        { ...writing, write: async () => written },
        async () => {
          let sum = 0n;
          for (const path of writing.paths()) sum += (await checksum(path, { engine: 'userspace' })).value;
          return sum;
        },
        signal,
      );
      return read;
    },
  };
}
