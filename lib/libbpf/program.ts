/** Programs in the kernel. */

import { native } from '../native/index.js';
import type {
  NativeBpfObject,
  NativeBpfProgram,
  NativeProgramInfo as ProgramInfo,
} from '../native/libbpf.js';
import { instance, optionsOf, uint8Array } from './arguments.js';
import { Handle, refuseStrangers } from './handle.js';
import { unsigned32 } from './integers.js';
import './refusal.js';

export type { ProgramInfo };

export interface RunOptions {
  /** What the program gets as its context, where its type lets the caller give one (SYSCALL, raw tracepoint, skb). */
  context?: Uint8Array;
  /** Room for the context as the program leaves it, in bytes. A SYSCALL program's always comes back. */
  contextSizeOut?: number;
  /** The packet, for programs that get one. */
  data?: Uint8Array;
  /** Room for the packet as the program leaves it, in bytes. */
  dataSizeOut?: number;
  /** How often; `durationNs` is the mean. Not for SYSCALL and raw tracepoint programs. */
  repeat?: number;
  /** The CPU to run on, for raw tracepoint programs (5.10). */
  cpu?: number;
  /** `BPF_F_TEST_*` of linux/bpf.h. */
  flags?: number;
}

export interface RunResult {
  /** What the program returned. */
  result: number;
  durationNs: number;
  context: Buffer | undefined;
  data: Buffer | undefined;
}

const BPF_F_TEST_RUN_ON_CPU = 1;

/** Holds a descriptor of its own: it can be run until `close()` or collection. */
export class Program extends Handle implements Disposable {
  /** @internal */
  readonly native: NativeBpfProgram;
  readonly #name: string;

  protected constructor(from: NativeBpfProgram) {
    super();
    this.native = instance('What a program is made from', native.BpfProgram, from);
    this.#name = from.info().name;
  }

  /** From where it was pinned, in a BPF file system. */
  static openPinned(path: string): Program {
    return new Program(new native.BpfProgram('pinned', path));
  }

  /** From its id, as `bpftool prog` shows it. Needs CAP_SYS_ADMIN. */
  static fromId(id: number): Program {
    return new Program(new native.BpfProgram('id', unsigned32('The id of a program', id)));
  }

  get name(): string {
    return this.#name;
  }

  get fd(): number {
    return this.native.info().fd;
  }

  info(): ProgramInfo {
    return this.native.info();
  }

  /** Runs it once, now (`BPF_PROG_RUN`), as a test or as the way to call a SYSCALL program. */
  run(options: RunOptions = {}): RunResult {
    const given = optionsOf(options, [
      'context',
      'contextSizeOut',
      'data',
      'dataSizeOut',
      'repeat',
      'cpu',
      'flags',
    ]);
    const { context, contextSizeOut = 0, data, dataSizeOut = 0, repeat = 0, cpu, flags = 0 } = given;
    const ran = this.native.run({
      context: context === undefined ? undefined : uint8Array('context', context),
      contextSizeOut: unsigned32('contextSizeOut', contextSizeOut),
      data: data === undefined ? undefined : uint8Array('data', data),
      dataSizeOut: unsigned32('dataSizeOut', dataSizeOut),
      repeat: unsigned32('repeat', repeat),
      cpu: unsigned32('cpu', cpu ?? 0),
      flags: unsigned32('flags', flags) | (cpu === undefined ? 0 : BPF_F_TEST_RUN_ON_CPU),
    });
    return {
      result: ran.result,
      durationNs: ran.durationNs,
      context: ran.context,
      data: ran.data,
    };
  }

  /** Keeps it in a BPF file system, beyond the end of this process. */
  pin(path: string): void {
    this.native.pin(path);
  }

  close(): void {
    this.native.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  static {
    refuseStrangers(Program);
  }
}

/** A program of a loaded object: it can also be attached. */
export class LoadedProgram extends Program {
  /** How it is meant to be attached, in the words of its ELF section: `fentry/filemap_read`. */
  readonly section: string;

  private constructor(from: NativeBpfProgram, section: string) {
    super(from);
    this.section = section;
  }

  /** @internal */
  static ofObject(object: NativeBpfObject, name: string, section: string): LoadedProgram {
    return new LoadedProgram(new native.BpfProgram('object', object, name), section);
  }
}
