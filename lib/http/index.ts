/** Checksummed transfers for servers on node:http: the fields that state digests, and what stands on them. */

export type { FileIdentity, Replaceable } from '../staging/file-identity.js';
export { withFolderLocked } from '../staging/folder-lock.js';
export { type MoveOptions, moveFile, type RemoveOptions, removeFile } from '../staging/named-file.js';
export type { Destination } from '../staging/staged-file.js';
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
export { AwsChunkedDecoder, isAwsChunked } from './aws-chunked.js';
export { beneath } from './beneath.js';
export { BodyDigests } from './body-digests.js';
export { type Current, evaluate as evaluateConditions, type Verdict } from './conditions.js';
export { itsTurn } from './connection.js';
export { currentEtag, etagOf } from './etag.js';
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
export { OnDemandChecksums, type OnDemandOptions } from './on-demand.js';
export { type Problem, type ProblemOptions, problemOf } from './problem.js';
export { type ReceiveResult, receive } from './receive.js';
export type { ReceiveOptions } from './receive-options.js';
export { refuse } from './refuse.js';
export { requestPath } from './request-path.js';
export { markFlow, parseSciTag, type SciTag } from './scitags.js';
export { type SendResult, send } from './send.js';
export type { SendOptions } from './send-options.js';
