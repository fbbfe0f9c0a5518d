/** What every way of keeping checksums in attributes has in common. */

import type { AlgorithmName } from '../../../engine/algorithms.js';

/** What a file's content is known by: another size or time of change, and it may be another. `fs.BigIntStats` fits. */
export interface FileVersion {
  /** In bytes. */
  readonly size: bigint;
  /** In nanoseconds since 1970. */
  readonly mtimeNs: bigint;
}

/** Where a value comes from: it was measured as the file was written, or the file was read for it afterwards. */
export type Origin = 'written' | 'reread';

export const origins: readonly Origin[] = ['written', 'reread'];

/**
 * - `fresh`: the file is what it was when the value was stored, as far as the profile can tell;
 * - `stale`: the file was changed since;
 * - `undated`: the profile keeps nothing by which that could be told.
 */
export type StoredState = 'fresh' | 'stale' | 'undated';

/** One value as an attribute states it. */
export interface StatedValue {
  readonly algorithm: AlgorithmName;
  readonly value: bigint;
  readonly state: StoredState;
  /** Where the profile keeps it, and names one that is known here. */
  readonly origin?: Origin;
}

/** One value as it is to be stated. */
export interface ComposedValue {
  readonly algorithm: AlgorithmName;
  readonly value: bigint;
  readonly origin: Origin;
}

/** A layout of attributes. */
export interface ProfileFormat {
  /** What all its attributes are called: one name; or, with a dot at its end, how those of every algorithm begin. */
  readonly names: string;
  /** The attribute that keeps an algorithm's value. Algorithms may share one; those the profile can't keep have none. */
  readonly attributes: Readonly<Partial<Record<AlgorithmName, string>>>;
  /** It keeps mtime without the fraction: of two writes within a second it sees one. */
  readonly wholeSeconds?: true;
  /** What the content of an algorithm's attribute says of a file that is `now`; undefined where it is malformed. */
  parse(content: Buffer, algorithm: AlgorithmName, now: FileVersion): readonly StatedValue[] | undefined;
  /**
   * The other value that a record may mean, as another version of its writer would, where nothing in it tells which. Such a
   * value is verified, and proves no rot; it is not stated.
   */
  otherMeaning?(algorithm: AlgorithmName, stored: bigint): bigint | undefined;
  /**
   * The content that states values of a file that is `version`.
   *
   * @param values of the algorithms that share the attribute
   */
  compose(values: readonly ComposedValue[], version: FileVersion): Buffer;
  /**
   * Where an attribute says more than values of some algorithms: its content with those of `gone` taken out and the new
   * ones put in; undefined where it would say nothing.
   */
  amend?(
    content: Buffer | undefined,
    gone: readonly AlgorithmName[],
    values: readonly ComposedValue[],
    version: FileVersion,
  ): Buffer | undefined;
}
