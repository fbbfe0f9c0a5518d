/** The loaded programs of the observe tap (bpf/observe.bpf.c), attached, and what they share with user space. */

import { Btf } from '../../libbpf/btf/btf.js';
import { array, bytes, type Codec, u32, u64 } from '../../libbpf/codec.js';
import { attachKprobe } from '../../libbpf/link/kprobe.js';
import { attachKretprobe } from '../../libbpf/link/kretprobe.js';
import type { Link } from '../../libbpf/link/link.js';
import { attachRawTracepoint } from '../../libbpf/link/raw-tracepoint.js';
import { attachTracing } from '../../libbpf/link/tracing.js';
import { arrayMap, perCpuArrayMap } from '../../libbpf/maps/array-map.js';
import { hashMap } from '../../libbpf/maps/hash-map.js';
import type { LoadedObject, OpenObject } from '../../libbpf/object.js';
import type { LoadedProgram } from '../../libbpf/program.js';
import { native } from '../../native/index.js';
import { type AlgorithmName, algorithmMask } from '../algorithms.js';
import { openWithPageAddress } from '../page-address.js';
import { loadShipped } from '../shipped.js';

/** How the programs are attached: to tracepoints or functions of the kernel. The cheapest first. */
export const hookKinds = ['raw_tp', 'fentry', 'kprobe'] as const;
export type HookKind = (typeof hookKinds)[number];

/** File systems whose writes the programs see. */
export const observedFileSystems = ['ext4', 'xfs', 'tmpfs'] as const;
export type ObservedFileSystem = (typeof observedFileSystems)[number];

export interface ObserveProgramsOptions {
  hooks: HookKind;
  /** Those that will be watched. Of other kinds no function is hooked. */
  fileSystems: readonly ObservedFileSystem[];
  /** Whether the kernel sums what is written, or notes ranges for user space to read, or either as it turns out. */
  method: 'hook' | 'follow' | 'auto';
  /** What the hook sums. */
  algorithms: readonly AlgorithmName[];
}

/** Values of sluice_observe_method (bpf/observe.h). */
const methods = { hook: 1, follow: 2, auto: 3 } as const;

/** Of files that are written at the same time with their CRCs summed in the kernel, which takes some 70 KiB each. */
const streams = 256;

/** What a kind of file system has of its own; all other hooks are for any. */
const ownHooks: Readonly<Record<ObservedFileSystem, RegExp>> = {
  ext4: /^ext4_/,
  xfs: /^(xfs_|iomap_write_end$)/,
  tmpfs: /^shmem_/,
};

/** By what stands before the hook in a program's section. */
const attachers: Readonly<
  Record<string, { kind: HookKind; attach(program: LoadedProgram, hook: string): Link }>
> = {
  raw_tp: { kind: 'raw_tp', attach: (program, hook) => attachRawTracepoint(program, hook) },
  fentry: { kind: 'fentry', attach: (program) => attachTracing(program) },
  fexit: { kind: 'fentry', attach: (program) => attachTracing(program) },
  kprobe: { kind: 'kprobe', attach: (program, hook) => attachKprobe(program, hook) },
  kretprobe: { kind: 'kprobe', attach: (program, hook) => attachKretprobe(program, hook) },
};

/** Whether a program is among those to be loaded, by its section: `raw_tp/ext4_da_write_end`. */
function wanted(section: string, { hooks, fileSystems }: ObserveProgramsOptions): boolean {
  const [prefix, hook] = section.split('/', 2) as [string, string];
  if (attachers[prefix]?.kind !== hooks) return false;
  const owners = Object.keys(ownHooks).filter((name) => ownHooks[name as ObservedFileSystem].test(hook));
  return owners.length === 0 || owners.some((name) => (fileSystems as readonly string[]).includes(name));
}

function attach(program: LoadedProgram): Link {
  const [prefix, hook] = program.section.split('/', 2) as [string, string];
  return (attachers[prefix] as (typeof attachers)[string]).attach(program, hook);
}

/** Its second parameter was the position until it went into the iterator. */
function iomapTakesPosition({ hooks, fileSystems }: ObserveProgramsOptions): boolean {
  if (hooks === 'raw_tp' || !fileSystems.includes('xfs')) return false;
  const kernel = Btf.kernel();
  const id = kernel.find('iomap_write_end', 'function');
  if (id === undefined) return false;
  const { parameters = [] } = kernel.type(kernel.type(id).type as number);
  return kernel.nameOf(parameters[1]?.type ?? 0) === 'loff_t';
}

/** Functions that only newer kernels have. */
const recent: readonly string[] = ['xfs_exchange_range'];

/** Whether the kernel does without a function, as far as it tells: otherwise it must be hooked. */
function lacks(name: string): boolean {
  if (Btf.kernel().hasFunction(name)) return false;
  try {
    return !Btf.module('xfs').hasFunction(name);
  } catch {
    return Btf.kernel().hasFunction('xfs_swap_extents'); // it is no module
  }
}

/** The object, set up, and the names of the programs to attach. */
function open(options: ObserveProgramsOptions): { object: OpenObject; hooks: string[] } {
  const { opened: object } = openWithPageAddress('observe');
  object.variable('method', u32).set(methods[options.method]);
  object.variable('algorithms', u32).set(algorithmMask(options.algorithms));
  object.variable('iomap_write_end_takes_position', u32).set(iomapTakesPosition(options) ? 1 : 0);
  const missing = recent.filter((name) => options.fileSystems.includes('xfs') && lacks(name));
  const hooks = object.programNames.filter((name) => {
    const { section } = object.program(name);
    return wanted(section, options) && !missing.includes(section.split('/')[1] as string);
  });
  for (const name of object.programNames) {
    const program = object.program(name);
    program.autoload = program.type === 'syscall' || hooks.includes(name);
  }
  const cpus = native.possibleCpus();
  object.map('walks').maxEntries = cpus;
  const alone = options.algorithms.every((name) => name === 'adler32');
  object.map('works').maxEntries = alone ? cpus : streams;
  if (!alone) {
    object.variable('streams', u32).set(streams);
    object.map('taken_streams').maxEntries = streams;
  }
  return { object, hooks };
}

/** A file, as far as it is named by numbers: sluice_observe_file of bpf/observe.h. */
const fileCodec: Codec<{ ino: bigint; generation: number; dev: number }> = {
  size: 16,
  read: (from, at) => ({
    ino: from.getBigUint64(at, true),
    generation: from.getUint32(at + 8, true),
    dev: from.getUint32(at + 12, true),
  }),
  write(to, at, { ino, generation, dev }) {
    to.setBigUint64(at, ino, true);
    to.setUint32(at + 8, generation, true);
    to.setUint32(at + 12, dev, true);
  },
};

/** What the programs have done since they were attached. */
export interface ObserveProgramCounts {
  /** Writes to observed files, each as far as its folio, and their bytes. */
  readonly writes: number;
  readonly bytes: number;
  /** Writes to other files of the same file systems. */
  readonly outside: number;
  /** Files of which something was noted, and those for which there was no room. */
  readonly entries: number;
  readonly refused: number;
  /** Notes to user space, and those for which there was no room. */
  readonly notes: number;
  readonly lost: number;
  /** Runs that the kernel left out. */
  readonly missed: number;
  /** Runs, and the CPU time that they took, in nanoseconds: 0 unless the kernel counts that (`enableStatistics`). */
  readonly runs: number;
  readonly cpuNs: number;
}

/** Fields of sluice_observe_counts (bpf/observe.h), in their order; each CPU has its own. */
const counted = ['writes', 'bytes', 'outside', 'entries', 'refused', 'notes', 'lost'] as const;

/** Attached until it is closed. */
export class ObservePrograms implements Disposable {
  readonly object: LoadedObject;
  /** How they are attached. */
  readonly kind: HookKind;
  /** As the programs and native/observe/ number it. */
  readonly method: number;
  readonly #links: Link[] = [];
  readonly #attached: LoadedProgram[];
  #before: ObserveProgramCounts | undefined;

  constructor(options: ObserveProgramsOptions) {
    const { object, hooks } = open(options);
    this.kind = options.hooks;
    this.method = methods[options.method];
    this.object = loadShipped(object, 'the observe tap');
    try {
      const beginning = native.streamOfNothing(algorithmMask(options.algorithms));
      arrayMap(this.object.map('beginnings'), { value: bytes(beginning.length) }).set(0, beginning);
      this.#attached = hooks.map((name) => this.object.program(name));
      for (const program of this.#attached) this.#links.push(attach(program));
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /**
   * Lets the programs see a file system.
   *
   * @param dev as the kernel has it: major << 20 | minor
   * @param roots inode numbers of the folders in which files are observed; without any, all files are
   */
  watch(dev: number, roots: readonly bigint[]): void {
    const folders = hashMap(this.object.map('roots'), { key: fileCodec, value: u32 });
    for (const ino of roots) folders.set({ ino, generation: 0, dev }, 1);
    hashMap(this.object.map('watched'), { key: u32, value: u32 }).set(dev, roots.length === 0 ? 1 : 0);
  }

  /** The programs that are attached. */
  get attached(): readonly LoadedProgram[] {
    return this.#attached;
  }

  /** What was done until now is not counted. */
  restartCounts(): void {
    this.#before = this.#total();
  }

  counts(): ObserveProgramCounts {
    const now = this.#total();
    const before = this.#before;
    if (!before) return now;
    const keys = Object.keys(now) as (keyof ObserveProgramCounts)[];
    return Object.fromEntries(
      keys.map((key) => [key, now[key] - before[key]]),
    ) as unknown as ObserveProgramCounts;
  }

  #total(): ObserveProgramCounts {
    const [cpus = []] = perCpuArrayMap(this.object.map('counts'), { value: array(u64, counted.length) });
    const total = (i: number) => cpus.reduce((sum, each) => sum + Number(each[i]), 0);
    const programs = this.#attached.map((program) => program.info());
    const sumOf = (key: 'recursionMisses' | 'runCount' | 'runTimeNs') =>
      programs.reduce((sum, each) => sum + Number(each[key]), 0);
    return {
      ...(Object.fromEntries(counted.map((name, i) => [name, total(i)])) as Record<
        (typeof counted)[number],
        number
      >),
      missed: sumOf('recursionMisses'),
      runs: sumOf('runCount'),
      cpuNs: sumOf('runTimeNs'),
    };
  }

  close(): void {
    for (const link of this.#links) link.close();
    this.object.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
