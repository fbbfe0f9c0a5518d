/** `sluice/relay`: data moved from descriptor to descriptor, and measured, without entering user space. */

export type { FileLike } from '../checksum/file-like.js';
export type { ByteRange } from '../checksum/options.js';
export type { AlgorithmName } from '../engine/algorithms.js';
export type { Backend, EngineChoice } from '../engine/backends.js';
export type { Checksums, ChecksumValue } from '../engine/checksums.js';
export type { RelayEnd } from './end.js';
export type { RelayOptions } from './options.js';
export { type RelayResult, relay } from './relay.js';
