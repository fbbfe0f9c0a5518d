/** What native/observe/ offers. */

import type { AlgorithmName } from './engine.js';
import type { NativeDescriptor } from './files.js';
import type { NativeRefusal } from './refusal.js';

/** Why a file was read after it was closed: bpf/observe_reasons.h explains each. */
export type RereadReason =
  | 'mapped'
  | 'direct'
  | 'truncated'
  | 'fallocated'
  | 'short'
  | 'unreadable'
  | 'lost'
  | 'stream'
  | 'busy'
  | 'missed'
  | 'adopted'
  | 'cloned'
  | 'gaps'
  | 'unseen'
  | 'unfollowed'
  | 'small'
  | 'unattached';

/** Why a file that was followed at first was summed in the kernel from some place on. */
export type SwitchReason = 'behind' | 'leased';

/** Descriptors of what lib/engine/taps/observe-programs.ts loads; they may be closed after it. */
export interface NativeObservePrograms {
  finish: number;
  control: number;
  notes: number;
  sums: number;
  /** enum sluice_observe_method. */
  method: number;
  hooks: readonly number[];
}

export interface NativeObserveSettings {
  /** Without them files are read again. */
  programs: NativeObservePrograms | undefined;
  /** Paths of folders. */
  roots: readonly string[];
  /** Path of the journal; empty: none is kept. */
  journal: string;
  /** Mask: bit n is the n-th of `algorithms()`. */
  algorithms: number;
  /** Files of fewer bytes are read when they are closed, whatever the programs know of them. */
  smallest: number;
  /** Names of those that are to be set; none: nothing is offered. */
  attributes: readonly string[];
  /** Names of those that an offer says the content of. */
  read: readonly string[];
  /** Names of those to be set that do not tell for themselves that the file has changed since. */
  undated: readonly string[];
  /** The path of the program that sets them. */
  setter: string;
  /** File systems that other machines may change, too, are observed as far as this one changes them. */
  shared: boolean;
}

type Why = 'closed' | 'changed' | 'moved' | 'found';

/** Of a file: generation is 0 where the file system does not tell, pid and comm are 0 and '' where that is not known. */
export type NativeSeen = readonly [
  path: string,
  dev: number,
  ino: number,
  generation: number,
  why: Why,
  pid: number,
  comm: string,
];

export type NativeSummed = readonly [
  values: Partial<Record<AlgorithmName, bigint>>,
  origin: 'hook' | 'follow' | 'reread',
  /** Empty where the origin needs none. */
  reason: RereadReason | SwitchReason | '',
  size: bigint,
  mtimeNs: bigint,
];

type Kept = readonly [name: string, value: Buffer][];

/** native/observe/report.h says when each comes. */
export type NativeReport =
  | readonly [type: 'offered', token: number, why: Why, ...NativeSummed, kept: Kept]
  | readonly [type: 'value', ...NativeSeen, ...NativeSummed]
  | readonly [type: 'retracted' | 'unknown', ...NativeSeen, failure: NativeRefusal]
  | readonly [type: 'lost', sinceNs: bigint]
  | readonly [type: 'folder', path: Buffer, id: Buffer]
  | readonly [type: 'unrecorded' | 'ended', failure: NativeRefusal];

/**
 * For an offer: the attributes to set, or to remove; undefined touches none; a name is of the attribute that has no room for
 * what it would have to hold.
 */
export type NativeAnswer = readonly [
  token: number,
  changes: readonly (readonly [name: string, value: Uint8Array | undefined])[] | string | undefined,
];

export interface NativeObserveCounts {
  events: number;
  inside: number;
  values: number;
  lost: number;
  bytesRead: number;
  bytesFollowed: number;
  followed: number;
  busy: number;
  changed: number;
  waiting: number;
  cpuNs: number;
  rereads: Record<RereadReason, number>;
  switched: Record<SwitchReason, number>;
}

/** Of one of the folders to observe. */
export type NativeRootRefusal = NativeRefusal & { root: string };

export interface NativeObserver {
  /** The first folder in which no file could be made to see whether what happens there is told, and why. */
  untested?: NativeRootRefusal;
  answer(answers: readonly NativeAnswer[]): void;
  /** Whether an open folder is one of those that are observed, or lies in one. */
  contains(fd: number): boolean | NativeRefusal;
  /** One that a report told of, by its `id`; undefined if it is gone. */
  openFolder(id: Buffer): NativeDescriptor | NativeRefusal | undefined;
  /** Has a file looked at, too, that has a name in a folder of the tree; the descriptors may be closed at once. */
  lookAt(fd: number, folder: number, name: Buffer): NativeRefusal | undefined;
  /** Whether an observer that kept the journal before had not done with an open file. */
  wasPending(fd: number): boolean | NativeRefusal;
  /** A walk is over that a report asked for (`folder`, `lost`), or that there is a journal of before. */
  walked(): void;
  /** Of a journal that there was before, in nanoseconds since 1970: when it was begun, and from when on things went unseen. */
  begunNs?: bigint;
  sinceNs?: bigint;
  counts(): NativeObserveCounts;
  /** One more call of `told` ends with `ended`. */
  stop(): void;
}

export interface NativeObserve {
  /** A refusal says how far it came: the folder is `root`. */
  observe(
    settings: NativeObserveSettings,
    told: (reports: NativeReport[]) => void,
  ): NativeObserver | NativeRootRefusal;
}
