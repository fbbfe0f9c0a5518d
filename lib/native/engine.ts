/** What native/engine/ and native/checksum/ offer. */

import type { Backend } from './backends.js';
import type { NativeFileRefusal } from './files.js';
import type { NativeRefusal } from './refusal.js';

export type AlgorithmName = 'adler32' | 'crc32' | 'crc32c' | 'crc64nvme';

export interface NativeAlgorithm {
  name: AlgorithmName;
  bits: 32 | 64;
  init: bigint;
}

/** What a job has measured, and how. */
export interface NativeMeasured {
  values: Partial<Record<AlgorithmName, bigint>>;
  bytes: number;
  backend: Backend;
  fallbackReason?: string;
  fallbackOffset?: number;
  durationNs: number;
}

export interface NativeJob {
  cancel(): void;
  /** Reduced, or moved, so far. */
  bytes(): number;
}

export interface NativeRequest {
  source: string | number;
  /** Mask: bit n is the n-th of `algorithms()`. None: the bytes are only moved, to see what that costs. */
  algorithms: number;
  /** Where the sum begins. */
  backend: Backend;
  /** Where there are fewer bytes than this to reduce, user space does it in spite of `backend`. */
  backendFrom: number;
  fallback: boolean;
  bypassCache: boolean;
  start: number;
  /** -1: to the end of the file. */
  end: number;
  threads: number;
  pool: number;
}

export interface NativeOutcome extends NativeMeasured, Partial<NativeFileRefusal> {
  writers: 'none' | 'self' | 'unknown';
  cache: 'used' | 'bypassed' | 'fell-back';
}

export interface NativePageAddress {
  /** 0: found. Positive: the program's own code. Negative: -errno. */
  status: number;
  bias: bigint;
  shift: number;
  poisonedMask: bigint;
  tries: number;
}

export interface NativeEngine {
  algorithms(): NativeAlgorithm[];
  simdLevel(): string;
  maxThreads: number;
  update(algorithm: number, value: bigint, bytes: Uint8Array): bigint;
  combine(algorithm: number, a: bigint, b: bigint, lengthOfB: bigint): bigint;
  checksum(request: NativeRequest, done: (outcome: NativeOutcome) => void): NativeJob;
  learnPageAddress(program: number, cookie: Uint8Array, frames: number): NativePageAddress;
  /** What programs in the kernel know of a stream before its first byte: a sluice_state (bpf/reduce/state.h). */
  streamOfNothing(algorithms: number): Buffer;
  /** Installs a tap that passes its self-check. A refusal of that says what went wrong. */
  installPipeTap(tap: {
    bind: number;
    run: number;
    states: number;
    slots: number;
  }): NativeRefusal | undefined;
  pipeTapInstalled(): boolean;
}
