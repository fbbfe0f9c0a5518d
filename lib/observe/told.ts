/** What the native side reports of files, as events. */

import { Checksums } from '../engine/checksums.js';
import type { NativeRefusal, NativeReport } from '../native/index.js';
import type { LostEvent, ObserveEvent, UnknownEvent } from './events.js';
import { fileFailure, journalFailure } from './refusal.js';

type Reported<Type extends NativeReport[0]> = Extract<NativeReport, readonly [Type, ...unknown[]]>;

export function valueEvent([
  type,
  file,
  dev,
  ino,
  generation,
  why,
  pid,
  comm,
  values,
  origin,
  reason,
  size,
]: Reported<'value'>): ObserveEvent {
  return {
    type,
    file,
    dev,
    ino,
    generation,
    why,
    pid: pid || undefined,
    comm: comm || undefined,
    bytes: Number(size),
    checksums: new Checksums(values),
    origin,
    reason: reason || undefined,
  };
}

function reasonOf(failure: NativeRefusal, file: string): Pick<UnknownEvent, 'reason' | 'error'> {
  const { failure: reason } = failure;
  if (reason === 'differs' || reason === 'linked') return { reason, error: undefined };
  return { reason: 'failed', error: fileFailure(failure, file) };
}

/** Of a file without a value. */
export function lackEvent([type, file, dev, ino, generation, why, pid, comm, failure]: Reported<
  'retracted' | 'unknown'
>): ObserveEvent {
  const seen = { file, dev, ino, generation, why, pid: pid || undefined, comm: comm || undefined };
  if (type === 'unknown') return { type, ...seen, ...reasonOf(failure, file) };
  return { type, ...seen, reason: failure.failure === 'writer' ? 'open' : 'changed' };
}

export function unrecorded(failure: NativeRefusal, journal = ''): LostEvent {
  return { type: 'lost', what: 'journal', count: undefined, error: journalFailure(failure, journal) };
}
