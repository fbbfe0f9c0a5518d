/** Checksums computed in the Linux kernel while data moves, and with SIMD in user space. */

export {
  type ChecksumResult,
  checksum,
} from './checksum/checksum.js';
export { type ChecksumAllEntry, type ChecksumAllOptions, checksumAll } from './checksum/checksum-all.js';
export { type Checksum, createChecksum } from './checksum/create-checksum.js';
export type { FileLike } from './checksum/file-like.js';
export type { ByteRange, ChecksumOptions } from './checksum/options.js';
export { ChecksumStream, type ChecksumStreamOptions } from './checksum/stream.js';
export { type CopyResult, copyFile } from './copy/copy-file.js';
export type { CopyOptions, Keepable } from './copy/options.js';
export { type AlgorithmName, algorithms, combine } from './engine/algorithms.js';
export type { Backend, EngineChoice } from './engine/backends.js';
export type { Calibration, CalibrationPoint } from './engine/calibration.js';
export { Checksums, type ChecksumValue } from './engine/checksums.js';
export { loadAndDropCapabilities } from './engine/privileges.js';
export { type ProbeReport, probe } from './engine/probe.js';
export type { ObserveFinding, ObserveWay } from './engine/taps/observe.js';
export type { HookKind, ObservedFileSystem } from './engine/taps/observe-programs.js';
export type { Finding, HookFinding } from './engine/taps/tap.js';
export { SluiceError, type SluiceErrorCode, type SluiceErrorDetails } from './errors/errors.js';
export type { FileIdentity } from './files/staging/file-identity.js';
export type { Attribute } from './files/staging/keep-attributes.js';
export {
  type Destination,
  type ExistingFile,
  type Published,
  type PublishOptions,
  StagedFile,
  type StagingOptions,
} from './files/staging/staged-file.js';
export { calibrate } from './measure/calibrate.js';
export type { VerifyTreeOptions } from './scrub/options.js';
export type { FileVerdict, Totals } from './scrub/totals.js';
export { type TreeVerification, type VerifiedFile, verifyTree } from './scrub/verify-tree.js';
export { type Capability, capabilities } from './system/capabilities.js';
