/** `sluice/xattr`: checksums that stay with their files, in extended attributes. */

export type { FileLike } from '../../checksum/file-like.js';
export type { ChecksumOptions } from '../../checksum/options.js';
export type { AlgorithmName } from '../../engine/algorithms.js';
export type { Backend, EngineChoice } from '../../engine/backends.js';
export { getAttribute, listAttributes, removeAttribute, setAttribute } from './attributes.js';
export { clearChecksums } from './clear.js';
export { expectedChecksums } from './compare.js';
export { type FillOptions, fillChecksums } from './fill.js';
export type { Selection } from './options.js';
export type { FileVersion, Origin, StatedValue, StoredState } from './profiles/profile.js';
export { type Profile, profiles } from './profiles/table.js';
export { type MalformedChecksum, readChecksums, type StoredChecksum } from './read.js';
export { readStanding, type Standing } from './rot.js';
export { type StoreOptions, storeChecksums } from './store.js';
export type { Summing, SumWay } from './sum.js';
export { Throttle } from './throttle.js';
export {
  type Verdict,
  type Verification,
  type VerifiedChecksum,
  type VerifyOptions,
  verifyChecksums,
} from './verify.js';
export { versionOf } from './version.js';
