/** Checksummed transfers for servers on node:http: the fields that state digests, and what stands on them. */

export type { FileLike } from '../checksum/file-like.js';
export type { FileIdentity, Replaceable } from '../files/staging/file-identity.js';
export { withFolderLocked } from '../files/staging/folder-lock.js';
export { type MoveOptions, moveFile, type RemoveOptions, removeFile } from '../files/staging/named-file.js';
export type { Destination } from '../files/staging/staged-file.js';
export type { ChecksumAdapterOptions } from './adapters/checksum-options.js';
export { type ExpressHandler, expressFiles } from './adapters/express.js';
export {
  type FastifyPlugin,
  type FastifyReplyPart,
  type FastifyScope,
  fastifyFiles,
} from './adapters/fastify.js';
export { type FileHandler, fileHandler } from './adapters/file-handler.js';
export type { FileHandlerOptions } from './adapters/file-handler-options.js';
export { type KoaContext, type KoaMiddleware, koaFiles } from './adapters/koa.js';
export {
  type NepheleChecksumOptions,
  type NephelePlugin,
  type NepheleResource,
  nepheleChecksums,
} from './adapters/nephele.js';
export { type WebdavServerChecksumOptions, withChecksums } from './adapters/webdav-server.js';
export { beneath } from './beneath.js';
export { type Current, type Evaluation, evaluate as evaluateConditions } from './conditions.js';
export { itsTurn } from './connection/connection.js';
export { BodyDigests } from './digests/body-digests.js';
export type { ComputedDigests } from './digests/file-digests.js';
export { type ComputeOptions, OnDemandChecksums, type OnDemandOptions } from './digests/on-demand.js';
export { currentEtag, etagOf, type TaggedStats } from './etag.js';
export type { DigestAlgorithm, DigestValues, HashName } from './fields/algorithms.js';
export { checkStatedDigests } from './fields/check.js';
export type { AdlerForm } from './fields/family.js';
export { type DigestFieldName, type DigestFieldOptions, digestFields } from './fields/produce.js';
export {
  parseStatedDigests,
  type StatedDigest,
  type StatedDigests,
  statedAlgorithms,
} from './fields/stated.js';
export type { Fields } from './fields/value.js';
export { type WantedDigests, wantedDigests } from './fields/wanted.js';
export { type Problem, type ProblemOptions, problemOf } from './problem.js';
export { AwsChunkedDecoder, isAwsChunked } from './receive/aws-chunked.js';
export type { ReceiveOptions } from './receive/options.js';
export { type ReceiveResult, receive } from './receive/receive.js';
export { refuse } from './refuse.js';
export { requestPath } from './request-path.js';
export { markFlow, parseSciTag, type SciTag } from './scitags.js';
export type { SendOptions } from './send/options.js';
export { type SendResult, send } from './send/send.js';
export type { Sendable } from './send/served-file.js';
