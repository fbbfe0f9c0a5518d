/** What an observation tells. */

import type { Checksums } from '../engine/checksums.js';
import type { SluiceError } from '../errors/errors.js';
import type { RereadReason, SwitchReason } from '../native/index.js';

/**
 * How a value was got: in the kernel, from some place on at least; behind the writer; or by reading the file after it was
 * closed.
 */
export type ValueOrigin = 'hook' | 'follow' | 'reread';

/**
 * What made the observer look at a file: who had it open for writing closed it; the programs in the kernel saw it change; it
 * got another name; or it was found in a folder that was moved, or that was walked because events were lost.
 */
export type Occasion = 'closed' | 'changed' | 'moved' | 'found';

/** Where a file is, and who did what made the observer look at it. */
export interface ObservedFile {
  /** Its path, beginning with the folder as it was given. What is not UTF-8 in it is replaced: `dev` and `ino` tell. */
  readonly file: string;
  readonly dev: number;
  readonly ino: number;
  /** Of the inode number, which files have one after the other; 0 where the file system does not tell. */
  readonly generation: number;
  readonly why: Occasion;
  /** The process; undefined where there was none, or it is outside of this one's pid namespace. */
  readonly pid: number | undefined;
  /** Its name, of up to 15 bytes; undefined where it had ended. */
  readonly comm: string | undefined;
}

/** A file has these checksums, and its attributes, where there are to be any, say so. */
export interface ValueEvent extends ObservedFile {
  readonly type: 'value';
  /** Its size. */
  readonly bytes: number;
  readonly checksums: Checksums;
  readonly origin: ValueOrigin;
  /** Why the file was read again, or why the method `auto` had it summed in the kernel; undefined otherwise. */
  readonly reason: RereadReason | SwitchReason | undefined;
}

/**
 * What was told or kept of a file may not be what it has now. Attributes of profiles that keep no time of change were
 * removed.
 */
export interface RetractedEvent extends ObservedFile {
  readonly type: 'retracted';
  /** Somebody still has it open for writing, or it changed and its value is to come. */
  readonly reason: 'open' | 'changed';
}

/** There is no value of a file. */
export interface UnknownEvent extends ObservedFile {
  readonly type: 'unknown';
  /**
   * - `differs`: what is kept for just this version of the file is another value, or it was found rotten, and nobody is
   *   known to have written to it;
   * - `linked`: it is another's file than the folder is, and has other names besides;
   * - `failed`: it could not be read, or its attributes not set.
   */
  readonly reason: 'differs' | 'linked' | 'failed';
  /** What failed. */
  readonly error: SluiceError | undefined;
}

/** Something was not told. */
export interface LostEvent {
  readonly type: 'lost';
  /**
   * - `overflow`: the kernel dropped events, or had no room for what its programs noted; the folders are walked for what has
   *   changed since, for notes once a minute at most;
   * - `unread`: the reader did not keep up, and events were left out. What is kept with the files is not touched by
   *   that;
   * - `unwalked`: a folder that was moved in, or is walked after an `overflow` or a kill, or a file in it, could not be
   *   opened;
   * - `journal`: the journal can't be written, so that, until it can be, what is under way may be lost if the observer is
   *   killed.
   */
  readonly what: 'overflow' | 'unread' | 'unwalked' | 'journal';
  /** How many events were left out; undefined where nobody counted. */
  readonly count: number | undefined;
  /** Why the journal can't be written, or what could not be opened. */
  readonly error: SluiceError | undefined;
}

export type ObserveEvent = ValueEvent | RetractedEvent | UnknownEvent | LostEvent;
