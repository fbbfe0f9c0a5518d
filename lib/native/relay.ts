/** What native/relay/ offers. */

import type { Backend } from './backends.js';
import type { NativeJob, NativeMeasured } from './engine.js';
import type { NativeRefusal } from './refusal.js';

export interface NativeRelayRequest {
  source: number;
  sink: number;
  /** As in NativeRequest. */
  algorithms: number;
  backend: Backend;
  backendFrom: number;
  fallback: boolean;
  /** -1: to the end of the source. */
  length: number;
  sourceOffset: number;
  /** In the sink. */
  offset: number;
  pool: number;
}

/** The keys by which native/relay/ names its failures. */
export type NativeRelayFailure =
  | 'systemCall'
  | 'badDescriptor'
  | 'notReadable'
  | 'notWritable'
  | 'isDirectory'
  | 'noOffset'
  | 'overlap'
  | 'notAligned'
  | 'truncated'
  | 'collided'
  | 'changed'
  | 'io'
  | 'noThread'
  | 'limit'
  | 'kernelStopped'
  | 'aborted';

/** `bytes` are those that reached the sink. */
export interface NativeRelayOutcome extends NativeMeasured, Partial<NativeRefusal<NativeRelayFailure>> {
  /** After a failure: from the source, where a length was asked for. */
  taken?: number;
  measured: 'stored' | 'in-flight';
}

export interface NativeRelayJob extends NativeJob {
  /** For a peer: neither for a disk nor for a thread. */
  waits(): boolean;
}

export interface NativeRelay {
  relay(request: NativeRelayRequest, done: (outcome: NativeRelayOutcome) => void): NativeRelayJob;
}
