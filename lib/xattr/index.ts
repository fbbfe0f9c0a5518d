/** `sluice/xattr`: checksums that stay with their files, in extended attributes. */

export type { AlgorithmName } from '../engine/algorithms.js';
export { getAttribute, listAttributes, removeAttribute, setAttribute } from './attributes.js';
export { clearChecksums } from './clear.js';
export type { Selection } from './options.js';
export type { FileVersion, Origin, StatedValue, StoredState } from './profiles/profile.js';
export { type Profile, profiles } from './profiles/table.js';
export { type MalformedChecksum, readChecksums, type StoredChecksum } from './read.js';
export { type StoreOptions, storeChecksums } from './store.js';
export { versionOf } from './version.js';
