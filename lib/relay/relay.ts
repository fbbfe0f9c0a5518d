import { constants } from 'node:fs';
import { algorithmMask } from '../engine/algorithms.js';
import { chooseEngine, type EngineDecision } from '../engine/choose.js';
import { type Call, type Measured, measuredBy, runJob } from '../engine/job.js';
import { maxThreads } from '../engine/threads.js';
import { SluiceError } from '../errors/errors.js';
import { open } from '../files/open-file.js';
import { type NativeRelayJob, type NativeRelayOutcome, native } from '../native/index.js';
import { unread } from '../system/from-errno.js';
import { relayFailure } from '../system/native-failures.js';
import { type RelayEnd, withDescriptors } from './end.js';
import { type CheckedRelayOptions, checkRelayOptions, type RelayOptions } from './options.js';

export interface RelayResult extends Measured {
  /** Bytes that reached the sink: the checksums are of exactly these. */
  bytes: number;
  /**
   * What the checksums are of.
   *
   * - `stored`: the bytes as the sink, a file, holds them;
   * - `in-flight`: the bytes as they were just before they were sent to a sink that can't be read back. A sender on this
   *   machine that writes to memory it has already sent (with sendfile or vmsplice) may make the sink get others.
   */
  measured: 'stored' | 'in-flight';
}

/** Reports about ten times a second, and calls `expire` once no byte has moved for `idleTimeout` ms. Returns what stops it. */
function watch(
  job: NativeRelayJob,
  { onProgress, idleTimeout }: CheckedRelayOptions,
  call: Call,
  expire: () => void,
): () => void {
  if (!onProgress && idleTimeout === undefined) return () => {};
  let seen = 0;
  let since = performance.now();
  const look = () => {
    const bytes = job.bytes();
    if (bytes !== seen) {
      seen = bytes;
      since = performance.now();
      call(() => onProgress?.(bytes));
    } else if (!job.waits()) {
      since = performance.now(); // no peer is to be blamed for a slow disk, or for what our threads have to do
    } else if (idleTimeout !== undefined && performance.now() - since >= idleTimeout) {
      expire();
    }
  };
  const timer = setInterval(look, Math.min(100, idleTimeout ?? 100));
  return () => clearInterval(timer);
}

function aborted(
  { signal }: CheckedRelayOptions,
  counts: { bytes: number; taken: number | undefined },
): SluiceError {
  return new SluiceError('ERR_SLUICE_ABORTED', 'The relay was abandoned', {
    cause: signal?.reason,
    ...counts,
  });
}

function throwIfAborted(checked: CheckedRelayOptions): void {
  if (checked.signal?.aborted)
    throw aborted(checked, { bytes: 0, taken: checked.length === undefined ? undefined : 0 });
}

/**
 * Moves bytes from a source to a sink, through a pipe and so without copying them to user space wherever both take
 * that, and computes their checksums. A file is measured as it is stored.
 *
 * What comes open stays open, and may be closed or used again only when the promise is settled. While a slow peer is
 * waited for, no thread is. A pipe or socket that blocks is made not to for the time, which others who share it see.
 *
 * @throws SluiceError with a `code` that says what went wrong, and, once the ends are open, with `bytes`, what had reached
 * the sink by then
 */
export async function relay(
  source: RelayEnd,
  sink: RelayEnd,
  options: RelayOptions = {},
): Promise<RelayResult> {
  const checked = checkRelayOptions(options);
  throwIfAborted(checked);
  const decision = chooseEngine(checked.engine, checked.algorithms); // before a sink is made
  return withDescriptors(
    source,
    sink,
    (source) => moveNothing(source, checked, decision),
    (descriptors) => move(descriptors, checked, decision),
  );
}

/** Throws what the relay would throw of its source and signal before the first byte: it is one of no bytes. */
async function moveNothing(
  source: number,
  checked: CheckedRelayOptions,
  decision: EngineDecision,
): Promise<void> {
  const path = '/dev/null';
  await using nowhere = await open(path, constants.O_WRONLY).catch((error) => {
    throw unread(error, { path, doing: 'opened' });
  });
  const nothing = { length: 0, sinkOffset: 0, onProgress: undefined };
  await move({ source, sink: nowhere.fd }, { ...checked, ...nothing }, decision);
  throwIfAborted(checked);
}

async function move(
  descriptors: { source: number; sink: number },
  checked: CheckedRelayOptions,
  decision: EngineDecision,
): Promise<RelayResult> {
  throwIfAborted(checked); // while a file was opened
  const { algorithms, engine, start, length, sinkOffset, signal, idleTimeout, onProgress } = checked;
  const request = {
    ...descriptors,
    algorithms: algorithmMask(algorithms),
    backend: decision.backend,
    backendFrom: decision.backendFrom,
    fallback: engine === 'auto',
    length: length ?? -1,
    sourceOffset: start,
    offset: sinkOffset,
    pool: maxThreads,
  };
  let expired = false;
  const outcome = await runJob<NativeRelayJob, NativeRelayOutcome>(
    (done) => native.relay(request, done),
    signal,
    (job, call) =>
      watch(job, checked, call, () => {
        expired = true;
        job.cancel();
      }),
  );
  if (outcome.failure === 'aborted') {
    const { bytes, taken } = outcome;
    if (!expired) throw aborted(checked, { bytes, taken });
    throw new SluiceError('ERR_SLUICE_TIMEOUT', `No byte was moved for ${idleTimeout} ms`, { bytes, taken });
  }
  if (outcome.failure) throw relayFailure(outcome);
  onProgress?.(outcome.bytes);
  const { bytes, measured } = outcome;
  return { ...measuredBy(outcome, algorithms, decision.reason(bytes)), bytes, measured };
}
