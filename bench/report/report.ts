/** What a run of the bench suite found. */

import type { AlgorithmName } from '#lib/engine/algorithms.js';
import type { BackendChoice } from '#lib/engine/calibration.js';
import type { Machine } from '#lib/measure/machine.js';
import type { Measurement } from '#lib/measure/rounds.js';
import type { Movement } from '../contestants/transfers.js';

export type SectionKind =
  | 'throughput'
  | 'threads'
  | 'latency'
  | 'many'
  | 'tree'
  | 'cache'
  | 'memory'
  | 'upload'
  | 'observe'
  | 'pressure'
  | 'value'
  | Movement;

export interface Section {
  /**
   * `observe`: what it costs that files are observed while others write them; `pressure`: the same where they are written
   * with little memory; `value`: from their close to their value.
   */
  kind: SectionKind;
  title: string;
  /** The first row is the baseline of the ratios. */
  rows: Measurement[];
}

/** What `engine: 'auto'` takes here. */
export interface AutoChoice extends BackendChoice {
  algorithm: AlgorithmName;
  reason: string;
}

export interface Report {
  machine: Machine;
  options: { folder: string; size: number; quick: boolean };
  startedAt: string;
  sections: Section[];
  auto: AutoChoice[];
  /** What makes the numbers doubtful, and what to do. */
  warnings: string[];
  /** What could not be measured, and why. */
  missing: string[];
}
