/** The body of a PUT, into a file that is there whole and verified, or not at all. */

import type { IncomingMessage } from 'node:http';
import { bad } from '../../checksum/options.js';
import type { Checksums } from '../../engine/checksums.js';
import type { Reduced } from '../../engine/job.js';
import { SluiceError } from '../../errors/errors.js';
import { type FileIdentity, isSameState } from '../../files/staging/file-identity.js';
import { keepPermissions, openToKeep } from '../../files/staging/keep-attributes.js';
import {
  type Destination,
  type ExistingFile,
  type PublishOptions,
  StagedFile,
} from '../../files/staging/staged-file.js';
import type { FileVersion } from '../../files/xattr/profiles/profile.js';
import { composeChecksums } from '../../files/xattr/store.js';
import { stampsOf } from '../../files/xattr/version.js';
import { shown } from '../../shown.js';
import { evaluate } from '../conditions.js';
import { isTakenBack } from '../connection/http2.js';
import { BodySums, checksumsIn, isNative } from '../digests/body-sums.js';
import { currentEtag, etagOf } from '../etag.js';
import type { DigestAlgorithm, DigestValues } from '../fields/algorithms.js';
import { withChecksumType } from '../fields/base64.js';
import { type DigestFieldName, digestFieldNames, storedDigestFields } from '../fields/produce.js';
import { parseStatedDigests, type StatedDigest, statedAlgorithms } from '../fields/stated.js';
import { elements, fieldValue } from '../fields/value.js';
import { wantedDigests } from '../fields/wanted.js';
import { refuseOtherOperations } from '../s3-operations.js';
import { AwsChunkedDecoder, checkAwsChunked, isAwsChunked } from './aws-chunked.js';
import { FileSink } from './file-sink.js';
import { type CheckedReceiveOptions, checkReceiveOptions, type ReceiveOptions } from './options.js';
import { relayBody } from './relay-body.js';
import { warnOfRequestTimeout } from './request-timeout.js';
import { smallBody } from './small-body.js';
import { streamBody } from './stream-body.js';
import { chooseTransport } from './transport.js';
import { turnOf } from './turn.js';
import { disconnected } from './upload-failures.js';
import { verified } from './verified.js';

export interface ReceiveResult extends Reduced {
  /** To answer with: 201 for a new file, 204 for one that was replaced; 200 for S3. */
  status: 200 | 201 | 204;
  /** To answer with: the digests, the ETag, and the length of no body. */
  fields: Record<string, string>;
  /** Of the file, in bytes. */
  bytes: number;
  /** Those asked for, and those of ours that the client stated. */
  checksums: Checksums;
  /** Which file it is now. */
  file: FileIdentity;
  /** Digests that the client stated by algorithms that are not computed here: nobody verified them. */
  ignored: string[];
  /** How the body came to the disk, and why so. */
  transport: 'stream' | 'relay';
  transportReason: string;
}

/** How the body came into the file. */
type Way = Reduced & Pick<ReceiveResult, 'transport' | 'transportReason'>;

/** What goes through Node is summed on its way. */
const inNode: Reduced = { backend: 'userspace', backendReason: 'the body went through Node' };

/** Throws unless what has the name is what the caller expects there. */
function checkExpected(replace: ReceiveOptions['replace'], existing: FileIdentity | undefined): void {
  if (replace === undefined || replace === 'any') return;
  if (replace === 'nothing' ? existing === undefined : existing && isSameState(existing, replace)) return;
  throw new SluiceError('ERR_SLUICE_PRECONDITION', 'What has the name is not what it was');
}

async function validatorsOf(existing: ExistingFile): Promise<{ etag: string; mtimeMs: bigint }> {
  const { birthtimeNs } = await stampsOf(existing.fd);
  const etag = await currentEtag(`/proc/self/fd/${existing.fd}`, { ...existing, birthtimeNs });
  return { etag, mtimeMs: existing.mtimeNs / 1_000_000n };
}

/** What the request's conditions, and the caller's, mean for the moment when the file takes its name. */
async function replacing(
  { headers }: IncomingMessage,
  existing: ExistingFile | undefined,
  replace: ReceiveOptions['replace'] = 'any',
): Promise<NonNullable<PublishOptions['replace']>> {
  checkExpected(replace, existing);
  const conditional = conditions.some((name) => headers[name] !== undefined);
  const current = conditional && existing ? await validatorsOf(existing) : undefined;
  if (conditional && !evaluate('PUT', headers, current).ok) {
    throw new SluiceError(
      'ERR_SLUICE_PRECONDITION',
      'What has the name is not what If-Match, If-None-Match or If-Unmodified-Since demand',
    );
  }
  if (replace === 'any' && !conditional) return 'any';
  return existing ? 'existing' : 'nothing';
}

const conditions = ['if-match', 'if-none-match', 'if-unmodified-since'] as const;

/** Throws for what would make the file something else than the body, and for a body that nothing could hold. */
function checkContent(headers: IncomingMessage['headers']): void {
  // Node takes lengths up to 2^64 - 1, and a number of such size would be that of another body.
  if (Number(headers['content-length'] ?? 0) > Number.MAX_SAFE_INTEGER) {
    throw new SluiceError(
      'ERR_SLUICE_TOO_LARGE',
      `A body of ${headers['content-length']} bytes can not be stored`,
    );
  }
  // RFC 9110, 14.5, with its status: a server that ignored it would make the file a part of what it was.
  if (headers['content-range'] !== undefined) {
    throw new SluiceError('ERR_SLUICE_FIELD', 'A part of a file (Content-Range) can not be stored', {
      remedy: 'Send the whole file, without the field.',
    });
  }
  // Node takes off the chunks only (RFC 9112, 6.1).
  const codings = elements(fieldValue(headers, 'Transfer-Encoding') ?? 'chunked').join();
  if (codings.toLowerCase() !== 'chunked') {
    throw new SluiceError('ERR_SLUICE_UNSUPPORTED', `The transfer coding ${shown(codings)} is not undone`);
  }
  const encodings = elements(fieldValue(headers, 'Content-Encoding') ?? '').map((each) => each.toLowerCase());
  const unknown = encodings.find((each) => each !== 'identity' && each !== 'aws-chunked');
  if (unknown !== undefined) {
    throw new SluiceError(
      'ERR_SLUICE_UNSUPPORTED',
      `A file keeps no content encoding, so a body that has ${shown(unknown)} would be served as something else`,
      { remedy: 'Send it as it is.' },
    );
  }
}

/** In bytes: what Node reads from a socket at once. */
const small = 64 << 10;

/** Receives one body. */
class Reception {
  readonly #request: IncomingMessage;
  readonly #options: CheckedReceiveOptions;
  readonly #encoding: { decoder: AwsChunkedDecoder; sums: BodySums } | undefined;
  /** What the client states, or announces to state, digests by. */
  readonly #expected: readonly DigestAlgorithm[];

  constructor(request: IncomingMessage, options: CheckedReceiveOptions) {
    this.#request = request;
    this.#options = options;
    const { headers } = request;
    if (options.s3) refuseOtherOperations(request);
    checkContent(headers);
    checkAwsChunked(headers);
    this.#expected = [...statedAlgorithms(headers)];
    if (isAwsChunked(headers))
      this.#encoding = { decoder: new AwsChunkedDecoder(headers), sums: new BodySums(this.#expected) };
  }

  async into(destination: Destination): Promise<ReceiveResult> {
    const request = this.#request;
    const encoding = this.#encoding;
    const { mode, keep, sync, s3, replace: expected } = this.#options;
    const algorithms = [...this.#options.algorithms, ...this.#expected];
    const sums = new BodySums(algorithms);
    const content = this.#isSmall() ? await smallBody(request, this.#options) : undefined;
    if (content) sums.update(content);
    await using staged = await StagedFile.create(destination, {
      ...(mode !== undefined && { mode }),
      content,
    });
    const { fd } = staged;
    const replace = await replacing(request, staged.existing, expected);
    await using kept = keep && staged.existing ? await openToKeep(staged.existing.fd) : undefined;
    const { bytes, ...way } = content
      ? {
          bytes: content.length,
          transport: 'stream' as const,
          transportReason: 'the body is small',
          ...inNode,
        }
      : await this.#move(fd, sums);
    if (isTakenBack(request)) throw disconnected(undefined);
    const length = request.headers['content-length'];
    if (length !== undefined && !encoding && bytes !== Number(length))
      throw new SluiceError('ERR_SLUICE_BODY', `The body has ${bytes} of the ${length} bytes announced`);
    const { digests, ignored } = parseStatedDigests(
      request.headers,
      request.trailers,
      encoding?.decoder.trailers ?? {},
    );
    const unverified = ignored.find((each) => s3 && each.startsWith('x-amz-'));
    if (unverified !== undefined)
      throw new SluiceError('ERR_SLUICE_UNSUPPORTED', `Nobody here computes what ${unverified} states`);
    const values = await verified(fd, digests, sums.values(), encoding?.sums.values());
    const checksums = checksumsIn(values);
    if (kept) await keepPermissions(kept, fd);
    const stamps = await stampsOf(fd);
    const stored = this.#stored(staged.written ?? stamps, checksums);
    const { replaced, ...file } = await staged.publish({ replace, sync, keep, ...stored });
    const status = s3 ? 200 : replaced ? 204 : 201;
    return {
      status,
      fields: {
        ...this.#digestFields(values, digests),
        ETag: etagOf({ ...file, birthtimeNs: stamps.birthtimeNs }),
        // Without it Node takes a body to follow. 204 must not have it (RFC 9110, 8.6).
        ...(status !== 204 && { 'Content-Length': '0' }),
      },
      bytes,
      checksums,
      file,
      ignored,
      ...way,
    };
  }

  /** It has come with the request, or soon will: there is less to wait for if the file is made when it is there. */
  #isSmall(): boolean {
    const { transport, proceed } = this.#options;
    const length = Number(this.#request.headers['content-length']);
    return length <= small && transport !== 'relay' && proceed === undefined && !this.#encoding;
  }

  /** Brings the body into the file, and says how. */
  async #move(fd: number, sums: BodySums): Promise<{ bytes: number } & Way> {
    const request = this.#request;
    const { signal, idleTimeout, engine, proceed } = this.#options;
    const algorithms = [...this.#options.algorithms, ...this.#expected];
    const { transport, reason } = await chooseTransport(request, this.#options.transport, algorithms);
    proceed?.();
    if (transport === 'relay') {
      const relayed = await relayBody(request, { fd, sums, engine, signal, idleTimeout });
      return { ...inNode, ...relayed, transport, transportReason: reason };
    }
    const sink = new FileSink(fd, sums);
    await streamBody(request, { sink, encoding: this.#encoding, signal, idleTimeout });
    return { bytes: sink.bytes, transport, transportReason: reason, ...inNode };
  }

  /** What is to be stored with the file. */
  #stored(version: FileVersion, checksums: Checksums): Pick<PublishOptions, 'attributes' | 'version'> {
    const { profiles, s3 } = this.#options;
    if (profiles.length === 0) return {};
    const algorithms = [...this.#options.algorithms, ...(s3 ? this.#expected.filter(isNative) : [])];
    const kept = checksums.only(algorithms);
    return { attributes: composeChecksums(kept, { profiles, origin: 'written', version }), version };
  }

  #digestFields(values: DigestValues, digests: readonly StatedDigest[]): Record<string, string> {
    const { fields, adler, s3 } = this.#options;
    const named = digests.map(({ field }) => field.replace(/^x-amz-checksum-.*/, 'x-amz-checksum'));
    const chosen = fields ?? digestFieldNames.filter((name) => usual.has(name) || named.includes(name));
    const stated = storedDigestFields(values, {
      fields: s3 ? [...new Set([...chosen, 'x-amz-checksum' as const])] : chosen,
      wanted: wantedDigests(this.#request.headers),
      ...(adler && { adler }),
    });
    return s3 ? withChecksumType(stated) : stated;
  }
}

/** Stated whatever the client stated. */
const usual: ReadonlySet<DigestFieldName> = new Set(['Digest', 'Repr-Digest']);

/**
 * Receives the body of a PUT or POST into a file: beside the destination at first, published only when all of it has come, has
 * the digests that the client stated, in whatever field or trailer, and its checksums are stored with it. Whatever goes
 * wrong, what had the name before has it still. `If-Match`, `If-None-Match` and `If-Unmodified-Since` hold at the very
 * moment of publishing; of clients that create a file at once one is told 201. A request that came before earlier ones of its connection were answered waits until they are.
 *
 * The response is the caller's to send: with `status` and `fields` of the result, or with `problemOf(error)`.
 *
 * @param destination a path, or `{ root, path }` for a path that came with the request
 * @throws SluiceError with a `code` that says what went wrong
 */
export async function receive(
  request: IncomingMessage,
  destination: Destination,
  options: ReceiveOptions = {},
): Promise<ReceiveResult> {
  const settings = checkReceiveOptions(options);
  const { method } = request;
  // The body of any other would become the file all the same: that of a GET is empty.
  if (method !== 'PUT' && method !== 'POST') throw bad(`receive stores what is PUT or POSTed, not ${method}`);
  warnOfRequestTimeout(request);
  await turnOf(request, settings.signal);
  return new Reception(request, settings).into(destination);
}
