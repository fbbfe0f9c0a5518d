/** Jobs of the addon: what every call that starts one has to do, and what it can say of the result. */

import type { NativeJob, NativeMeasured } from '../native/index.js';
import type { AlgorithmName } from './algorithms.js';
import type { Backend } from './backends.js';
import { Checksums } from './checksums.js';

export interface Reduced {
  /** What reduced the last of the bytes. */
  backend: Backend;
  /** Why that one, in words. */
  backendReason: string;
}

export interface Measured extends Reduced {
  checksums: Checksums;
  /** Wall-clock time from the call to the last byte. */
  durationNs: number;
}

/** @param reason why the job began where it did */
export function measuredBy(
  { values, backend, fallbackReason, fallbackOffset, durationNs }: NativeMeasured,
  names: readonly AlgorithmName[],
  reason: string,
): Measured {
  return {
    checksums: new Checksums(names.map((name) => [name, values[name] as bigint])),
    backend,
    backendReason:
      fallbackReason === undefined
        ? reason
        : `the kernel stopped at byte ${fallbackOffset}: ${fallbackReason}`,
    durationNs,
  };
}

/** Calls a function of the caller's. What it throws, from a timer, would end the process: it ends the job instead. */
export type Call = (call: () => void) => void;

/**
 * Starts a job and waits for its outcome.
 *
 * @param signal cancels the job
 * @param watch looks at the job while it runs, and returns what stops that
 * @throws what one of the calls threw
 */
export async function runJob<Job extends NativeJob, Outcome>(
  start: (done: (outcome: Outcome) => void) => Job,
  signal: AbortSignal | undefined,
  watch: (job: Job, call: Call) => () => void,
): Promise<Outcome> {
  let thrown: { readonly error: unknown } | undefined;
  const outcome = await new Promise<Outcome>((resolve) => {
    const job = start((outcome) => {
      signal?.removeEventListener('abort', job.cancel);
      stop();
      resolve(outcome);
    });
    signal?.addEventListener('abort', job.cancel);
    const stop = watch(job, (call) => {
      if (thrown) return;
      try {
        call();
      } catch (error) {
        thrown = { error };
        job.cancel();
      }
    });
  });
  if (thrown) throw thrown.error;
  return outcome;
}
