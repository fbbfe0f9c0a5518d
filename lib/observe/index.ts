/** `sluice/observe`: checksums of files that other programs write. */

export type { HookKind, ObserveProgramCounts } from '../engine/taps/observe-programs.js';
export type { RereadReason, SwitchReason } from '../native/index.js';
export type {
  LostEvent,
  ObservedFile,
  ObserveEvent,
  Occasion,
  RetractedEvent,
  UnknownEvent,
  ValueEvent,
  ValueOrigin,
} from './events.js';
export { type Observation, observe } from './observe.js';
export type { Method, ObserveOptions } from './options.js';
export type { ObserveStats } from './stats.js';
