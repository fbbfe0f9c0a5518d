/** What native/probe/, native/privilege/, native/system/ and native/runtime/ offer. */

import type { NativeRefusal } from './refusal.js';

/** The capabilities that matter here. */
export type Capability =
  | 'CAP_DAC_OVERRIDE'
  | 'CAP_DAC_READ_SEARCH'
  | 'CAP_NET_ADMIN'
  | 'CAP_SYS_ADMIN'
  | 'CAP_LEASE'
  | 'CAP_PERFMON'
  | 'CAP_BPF';

export interface NativeSystem {
  /** 0 or -errno for each: what came of loading an empty program of the type. */
  probeProgramTypes(types: readonly string[]): number[];
  /** 0 or -errno for each: what came of attaching an empty program. */
  probeHooks(
    hooks: readonly (readonly [kind: 'raw_tracepoint' | 'fentry' | 'kprobe', name: string])[],
  ): number[];
  /** Capabilities that may be asked for before a program of the type is loaded. */
  needsOfProgramType(type: string): Capability[];
  /** The effective capabilities (mask of 1 << CAP_...). */
  capabilities(): bigint | NativeRefusal;
  /** Takes capabilities (mask of 1 << CAP_...) from every thread, and from all programs that it starts as well. */
  dropCapabilities(mask: bigint, forProgramsToo: boolean): NativeRefusal | undefined;
  /** The name and the meaning of an error number, as glibc has them. */
  systemError(errno: number): readonly [name: string, text: string] | undefined;
  /** Who refuses a call, which failed with `errno`, whatever its arguments are. */
  refuserOf(call: string, errno: number): 'seccomp' | 'kernel' | undefined;
  /** From now on this process reads and writes disks only while nobody else does. */
  setIdleIoPriority(): NativeRefusal | undefined;
}
