/** `sluice/relay`: data moved from descriptor to descriptor, and measured, without entering user space. */

export type { ChecksumValue } from '../checksum/checksum.js';
export type { EngineChoice } from '../checksum/options.js';
export type { AlgorithmName } from '../engine/algorithms.js';
export type { RelayEnd } from './end.js';
export type { RelayOptions } from './options.js';
export { type RelayResult, relay } from './relay.js';
