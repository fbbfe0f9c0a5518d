/** What an observation has done, in numbers. */

import type { HookKind, ObserveProgramCounts } from '../engine/taps/observe-programs.js';
import type { RereadReason, SwitchReason } from '../native/index.js';
import type { ObserveEvent, RetractedEvent, UnknownEvent } from './events.js';

/** Counts since the observation began, of files unless another unit is named. */
export interface ObserveStats {
  /** What the programs are attached to; undefined where there are none. */
  readonly hooks: HookKind | undefined;
  /** Why the method `auto` does without programs; undefined if it does not. */
  readonly refusal: string | undefined;
  /** Whether a file was made in each folder when it began, and was seen to be written, renamed and closed. */
  readonly tested: boolean;
  /** Events of the kernel: a file closed or named, somewhere on the file systems. */
  readonly events: number;
  /** Those of them that were about files in the folders. */
  readonly inside: number;
  /** Times that the kernel dropped events, or had no room for what its programs noted. */
  readonly lost: number;
  /** Values told. */
  readonly values: number;
  /** Values for which no file was read again. */
  readonly followed: number;
  /** Values that the method `auto` had summed in the kernel from some place on, by the reason. */
  readonly switched: Readonly<Record<SwitchReason, number>>;
  /** Times that a file was begun to be read from its beginning to its end, by the reason. */
  readonly rereads: Readonly<Record<RereadReason, number>>;
  /** Events of the type `retracted`, by the reason. */
  readonly retracted: Readonly<Record<RetractedEvent['reason'], number>>;
  /** Events of the type `unknown`, by the reason. */
  readonly unknown: Readonly<Record<UnknownEvent['reason'], number>>;
  /** Bytes that were read while files were written, or when they were closed, as the programs noted it. */
  readonly bytesFollowed: number;
  /** Bytes that were read to sum files from beginning to end. */
  readonly bytesRead: number;
  /** Files left for later, because somebody has them open for writing. */
  readonly busy: number;
  /** Files begun again, because they changed while they were summed. */
  readonly changed: number;
  /** Files whose turn has not come, now. */
  readonly waiting: number;
  /** CPU time of the thread that does all that, in nanoseconds. */
  readonly cpuNs: number;
  /** Of the programs in the kernel; undefined where there are none. */
  readonly programs: ObserveProgramCounts | undefined;
}

/** Counts what was told. */
export class Tally implements Pick<ObserveStats, 'retracted' | 'unknown'> {
  readonly retracted: Record<RetractedEvent['reason'], number> = { open: 0, changed: 0 };
  readonly unknown: Record<UnknownEvent['reason'], number> = { differs: 0, linked: 0, failed: 0 };

  count(event: ObserveEvent): void {
    if (event.type === 'retracted') this.retracted[event.reason] += 1;
    if (event.type === 'unknown') this.unknown[event.reason] += 1;
  }
}
