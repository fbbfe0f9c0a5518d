/** What the native side reports of files, as events. */

import { Checksums } from '../engine/checksums.js';
import type { NativeRefusal, NativeReport, NativeSeen } from '../native/index.js';
import type { ObservedFile, ObserveEvent, UnknownEvent } from './events.js';
import { fileFailure } from './refusal.js';

/** A report that is an event of its own. */
type Told = Extract<NativeReport, { type: 'value' | 'retracted' | 'unknown' }>;

function fileOf({ path, dev, ino, generation, why, pid, comm }: NativeSeen): ObservedFile {
  return {
    file: path.toString(),
    dev,
    ino: Number(ino),
    generation,
    why,
    pid: pid === 0 ? undefined : pid,
    comm: comm.length === 0 ? undefined : comm.toString(),
  };
}

function unknown(file: ObservedFile, failure: NativeRefusal): UnknownEvent {
  const { failure: reason } = failure;
  if (reason === 'differs' || reason === 'linked')
    return { type: 'unknown', ...file, reason, error: undefined };
  return { type: 'unknown', ...file, reason: 'failed', error: fileFailure(failure, file.file) };
}

export function eventOf(report: Told): ObserveEvent {
  const file = fileOf(report);
  if (report.type === 'value') {
    const { size, values, origin, reason } = report;
    return {
      type: 'value',
      ...file,
      bytes: Number(size),
      checksums: new Checksums(values),
      origin,
      reason: reason === '' ? undefined : reason,
    };
  }
  const { failure } = report;
  if (report.type === 'unknown') return unknown(file, failure);
  return { type: 'retracted', ...file, reason: failure.failure === 'writer' ? 'open' : 'changed' };
}
