/** What the programs of the observe tap know of a file, read as user space reads it. */

import { closeSync, fstatSync, openSync, readFileSync, readSync, type Stats, statSync } from 'node:fs';
import { type AlgorithmName, combine } from '../../lib/engine/algorithms.js';
import type { ObservePrograms, ObserveProgramsOptions } from '../../lib/engine/taps/observe-programs.js';
import { arrayMap, bytes, ringBuffer } from '../../lib/libbpf/index.js';
import { reference } from '../helpers/reference.js';

/** By bit of sluice_observe_why (bpf/observe.h). */
export const reasons = [
  'mapped',
  'direct',
  'truncated',
  'fallocated',
  'short',
  'unreadable',
  'lost',
  'stream',
  'busy',
  'missed',
  'adopted',
  'cloned',
] as const;

export type Method = ObserveProgramsOptions['method'];
export type Reason = (typeof reasons)[number];

export interface Run {
  start: number;
  end: number;
  notedOrSum: bigint;
  /** By the hook. */
  summed: boolean;
}

export interface View {
  found: 'nothing' | 'entry' | 'busy' | 'moved';
  sequence: bigint;
  number: bigint;
  ino: bigint;
  dev: number;
  generation: number;
  size: number;
  events: number;
  why: Reason[];
  notes: number;
  stored: boolean;
  tgid: number;
  comm: string;
  runs: Run[];
  switched: 'no' | 'behind' | 'leased';
}

export interface Note {
  ino: bigint;
  number: bigint;
  kind: 'range' | 'run' | 'changed';
  order: number;
  run: Run;
}

const contextSize = 200;
/** Of sluice_state. */
const stateSize = 14_784;
const flags = { stored: 1, forget: 2, adopt: 4 } as const;

/** dev_t as the kernel has it. */
export function kernelDev(path: string): number {
  const dev = BigInt(statSync(path, { bigint: true }).dev);
  const major = ((dev >> 8n) & 0xfffn) | ((dev >> 32n) & ~0xfffn);
  const minor = (dev & 0xffn) | ((dev >> 12n) & ~0xffn);
  return Number((major << 20n) | minor);
}

function runAt(from: Buffer, at: number, summed: boolean): Run {
  return {
    summed,
    start: Number(from.readBigUInt64LE(at)),
    end: Number(from.readBigUInt64LE(at + 8)),
    notedOrSum: from.readBigUInt64LE(at + 16),
  };
}

/** Calls `finish`. */
export function finish(
  programs: ObservePrograms,
  fd: number,
  asked?: keyof typeof flags,
  sequence = 0n,
): View {
  const context = Buffer.alloc(contextSize);
  context.writeInt32LE(fd, 0);
  context.writeUInt32LE(asked ? flags[asked] : 0, 4);
  context.writeBigUInt64LE(sequence, 8);
  const ran = programs.object.program('finish').run({ context });
  const out = ran.context as Buffer;
  if (ran.result !== 0) throw new Error(`finish: ${ran.result}`);
  const why = out.readUInt32LE(60);
  return {
    sequence: out.readBigUInt64LE(8),
    ino: out.readBigUInt64LE(16),
    generation: out.readUInt32LE(24),
    dev: out.readUInt32LE(28),
    number: out.readBigUInt64LE(32),
    size: Number(out.readBigUInt64LE(40)),
    events: Number(out.readBigUInt64LE(48)),
    found: (['nothing', 'entry', 'busy', 'moved'] as const)[out.readUInt32LE(56)] ?? 'busy',
    why: reasons.filter((_, bit) => why & (1 << bit)),
    notes: out.readUInt32LE(64),
    stored: out.readUInt32LE(68) === 1,
    tgid: out.readUInt32LE(76),
    comm: out.toString('latin1', 80, 96).replace(/\0.*$/s, ''),
    runs: [0, 1, 2, 3]
      .map((i) => runAt(out, 96 + 24 * i, (out.readUInt32LE(192) & (1 << i)) !== 0))
      .filter(({ start, end }) => end > start),
    switched: (['no', 'behind', 'leased'] as const)[out.readUInt32LE(196)] ?? 'no',
  };
}

/** Calls `control`. */
export function control(programs: ObservePrograms, command: 'missed' | 'moved' | 'untold'): boolean {
  const context = Buffer.alloc(8);
  context.writeUInt32LE({ missed: 1, moved: 2, untold: 3 }[command]);
  const { result, context: out } = programs.object.program('control').run({ context });
  if (result !== 0) throw new Error(`control: ${result}`);
  return (out as Buffer).readUInt32LE(4) === 1;
}

/** How often the kernel left a program out that was at work already. */
export function missesOf({ attached }: ObservePrograms): bigint {
  return attached.reduce((sum, program) => sum + program.info().recursionMisses, 0n);
}

function noteOf(record: Buffer): Note {
  return {
    ino: record.readBigUInt64LE(0),
    number: record.readBigUInt64LE(16),
    kind: (['range', 'run', 'changed'] as const)[record.readUInt32LE(24) - 1] ?? 'changed',
    order: record.readUInt32LE(28),
    run: runAt(record, 32, record.readUInt32LE(24) === 2),
  };
}

/** Takes the notes out of the ring as it is asked for them. */
export class Notes {
  readonly #ring;
  readonly all: Note[] = [];

  constructor(programs: ObservePrograms) {
    this.#ring = ringBuffer(programs.object.map('notes'));
  }

  async drain(): Promise<Note[]> {
    while (this.#ring.available > 0 || this.#ring.undelivered > 0) {
      const { value } = await this.#ring.next();
      if (value) this.all.push(noteOf(value));
    }
    return this.all;
  }

  close(): void {
    this.#ring.close();
  }
}

function sumOfRange(fd: number, start: number, end: number): bigint {
  const bytes = Buffer.alloc(end - start);
  if (readSync(fd, bytes, 0, bytes.length, start) !== bytes.length) throw new Error('the file is shorter');
  return reference('adler32', bytes);
}

/** The sum that the runs and notes of a view make, or undefined if they don't tile the file. */
function sumOf(view: View, notes: readonly Note[], fd: number): bigint | undefined {
  const mine = notes.filter(({ number, kind }) => number === view.number && kind !== 'changed');
  if (mine.length !== view.notes) throw new Error(`${mine.length} notes of ${view.notes}`);
  const told = mine.map(({ kind, run }) => ({ kind, run }));
  const kept = view.runs.map((run) => ({ kind: 'run' as const, run }));
  const parts = [...told, ...kept].map(({ kind, run }) => {
    if (kind === 'range') return { ...run, sum: sumOfRange(fd, run.start, run.end) };
    if (run.summed) return { ...run, sum: run.notedOrSum };
    const start = Number(run.notedOrSum);
    return { start, end: run.end, sum: sumOfRange(fd, start, run.end) };
  });
  parts.sort((a, b) => a.start - b.start);
  let at = 0;
  let value = 1n;
  for (const { start, end, sum } of parts.filter(({ start, end }) => end > start)) {
    if (start !== at) return undefined;
    value = combine('adler32', value, sum, end - start);
    at = end;
  }
  return at === view.size ? value : undefined;
}

/** Of a state's CRC: where its history lies in a sluice_state, how long it is, and its distances (bpf/reduce/state.h). */
const histories = {
  crc32: { at: 128, size: 3008, distances: [140, 791, 3006] },
  crc32c: { at: 3136, size: 5312, distances: [767, 2524, 5275] },
  crc64nvme: { at: 8448, size: 6336, distances: [1057, 1361, 3623, 4857, 5105, 6326] },
} as const;

/** The value of the stream that `finish` looked at last. */
export function streamValue(programs: ObservePrograms, name: AlgorithmName): bigint {
  const [state] = arrayMap(programs.object.map('sums'), { value: bytes(stateSize) });
  if (!state) throw new Error('no sums');
  const from = Buffer.from(state);
  if (name === 'adler32') return (BigInt(from.readUInt32LE(68)) << 16n) | BigInt(from.readUInt32LE(64));
  const { at, size, distances } = histories[name];
  const longest = Math.max(...distances);
  // Its last bytes stand for all of the message, once the exclusive ors are undone, after a register of zeros.
  const stream = from.subarray(at + size - longest, at + size);
  const rest = stream.map((byte, i) =>
    distances.reduce((sum, distance) => sum ^ (stream[i - distance] ?? 0), byte),
  );
  const ones = (1n << (name === 'crc64nvme' ? 64n : 32n)) - 1n;
  return combine(name, ones, reference(name, rest), rest.length);
}

/** What became of a file: `value`, `gaps`, `unseen`, or the reasons why it must be read. */
export function judge(view: View, notes: readonly Note[], path: string): string {
  const fd = openSync(path, 'r');
  try {
    if (view.found === 'nothing') return 'unseen';
    if (view.why.length > 0) return view.why.join(' ');
    const value = sumOf(view, notes, fd);
    if (value === undefined) return 'gaps';
    return value === reference('adler32', readFileSync(fd)) ? 'value' : 'WRONG';
  } finally {
    closeSync(fd);
  }
}

/** The view of a path. */
export function viewOf(programs: ObservePrograms, path: string): View {
  const fd = openSync(path, 'r');
  try {
    const view = finish(programs, fd);
    const stat: Stats = fstatSync(fd);
    if (view.ino !== BigInt(stat.ino)) throw new Error('finish looked at another file');
    return view;
  } finally {
    closeSync(fd);
  }
}
