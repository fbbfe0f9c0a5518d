/** The sections of the bench suite on files that others write. */

import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { attributesOf } from '#lib/files/xattr/read.js';
import { binarySize, KiB, MiB } from '#lib/measure/binary-size.js';
import { noProgram, programPath } from '#lib/measure/programs.js';
import type { Bench } from './bench.js';
import { MemoryGroup } from './contestants/memory-group.js';
import {
  begin,
  nobody,
  type ObserverName,
  observedBy,
  observersFor,
  secondRead,
  type Writing,
} from './contestants/observers.js';
import { awaited, NginxPut, type Stored, stored } from './contestants/writings.js';

const programs: readonly ObserverName[] = ['follow', 'hook', 'hook, crc32c'];
const rival = 'fanotify + reread';

/** Each row waits for the others' files, too. */
const observedRounds = 5;

function smallFiles(quick: boolean): Stored {
  return { count: quick ? 1000 : 10_000, bytes: 16 * KiB };
}

/** In bytes: the new files of six contestants, by round and for the one that warms up. */
export function roomForObserved(quick: boolean): number {
  const { count, bytes } = smallFiles(quick);
  return 6 * (observedRounds + 1) * count * bytes;
}

class Observed {
  readonly #bench: Bench;
  readonly #program: string;
  /** What is observed, and a folder beside it, which is not. */
  readonly #inside: string;
  readonly #outside: string;

  constructor(bench: Bench, program: string) {
    this.#bench = bench;
    this.#program = program;
    this.#inside = join(bench.folder, 'observed');
    this.#outside = join(bench.folder, 'beside');
  }

  async measure(): Promise<void> {
    const { size, quick } = this.#bench.options;
    const large = { count: 1, bytes: size };
    const small = smallFiles(quick);
    await mkdir(this.#inside);
    await mkdir(this.#outside);
    await this.#section(
      `one file of ${binarySize(size)}, written in blocks of 256 KiB`,
      [...programs, rival],
      this.#stored(large),
    );
    await this.#nginx(size);
    await this.#section(
      `${small.count} files of ${binarySize(small.bytes)}`,
      ['follow', 'hook', 'auto', rival],
      this.#stored(small),
    );
    const elsewhere = stored(this.#program, large, { folder: this.#outside, observed: this.#inside });
    await this.#section(
      `one file of ${binarySize(size)}, outside of what is observed`,
      ['follow', 'hook', rival],
      elsewhere,
    );
    await this.#pressed({ count: 1, bytes: Math.max(size, 64 * MiB) });
    for (const name of ['follow', 'hook', rival] as const) await this.#toValue(name, [small.bytes, size]);
    await rm(this.#inside, { recursive: true });
    await rm(this.#outside, { recursive: true });
  }

  #stored(what: Stored): Writing {
    return stored(this.#program, what, { folder: this.#inside });
  }

  async #section(
    title: string,
    names: readonly ObserverName[],
    writing: Writing,
    kind: 'observe' | 'pressure' = 'observe',
  ): Promise<void> {
    const { found, missing } = observersFor(this.#inside, names);
    for (const each of missing) this.#bench.missing.add(each);
    if (found.length === 0) return;
    const contestants = [
      nobody(writing),
      ...found.map((each) => observedBy(each, writing)),
      ...(writing.files > 0 && kind === 'observe'
        ? [secondRead('warm', writing), secondRead('cold', writing)]
        : []),
    ];
    await this.#bench.section(kind, `adler32, ${title}`, contestants, {
      sampleMilliseconds: 0,
      rounds: observedRounds,
      quickRounds: this.#bench.options.only ? observedRounds : 2,
    });
  }

  async #nginx(bytes: number): Promise<void> {
    const path = await this.#bench.file(bytes);
    const nginx = await NginxPut.start(this.#inside, { path, bytes });
    if (typeof nginx === 'string') {
      this.#bench.missing.add(`Observe, nginx: not on this machine: ${nginx}`);
    } else {
      using writing = nginx;
      await this.#section(`PUT of ${binarySize(bytes)} to nginx`, [...programs, rival], writing);
    }
    await rm(path);
  }

  /** The file's pages have to leave while it is written. */
  async #pressed(what: Stored): Promise<void> {
    const limit = Math.ceil((what.bytes * 5) / 12 / MiB) * MiB;
    const made = MemoryGroup.make(limit);
    if (typeof made === 'string') {
      this.#bench.missing.add(`Observe, little memory: not on this machine: ${made}`);
      return;
    }
    using group = made;
    const writing = stored(this.#program, what, { folder: this.#inside, group });
    const title = `one file of ${binarySize(what.bytes)}, written with ${binarySize(limit)} of memory`;
    await this.#section(title, ['follow', 'hook', rival], writing, 'pressure');
    await rm(this.#inside, { recursive: true });
    await mkdir(this.#inside);
  }

  async #toValue(name: ObserverName, sizes: readonly number[]): Promise<void> {
    const [observer] = observersFor(this.#inside, [name]).found;
    const [attribute] = attributesOf('sluice', ['adler32']).keys();
    if (!observer || attribute === undefined) return; // said already
    await using observing = begin(this.#inside, observer);
    void (async () => {
      for await (const _ of observing);
    })();
    const { backend } = observer;
    const contestants = sizes.map((bytes) => ({
      name: binarySize(bytes),
      parameters: { backend, algorithm: 'adler32', files: 1 },
      ...awaited(this.#program, bytes, this.#inside, attribute),
    }));
    await this.#bench.section('value', `adler32, from close to value, observed: ${name}`, contestants, {
      sampleMilliseconds: 0,
      rounds: 100,
      quickRounds: this.#bench.options.only ? 100 : 20,
    });
  }
}

/** What it costs to sum files that others write, and how soon they have their value. */
export async function observed(bench: Bench): Promise<void> {
  const program = programPath('store');
  if (program === undefined) return void bench.missing.add(`Observe: not on this machine: ${noProgram}`);
  await new Observed(bench, program).measure();
}
