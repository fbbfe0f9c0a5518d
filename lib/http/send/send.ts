/** Answers a GET or HEAD with a file. */

import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { bad } from '../../checksum/options.js';
import type { Reduced } from '../../engine/job.js';
import { SluiceError } from '../../errors/errors.js';
import { evaluate } from '../conditions.js';
import { goneSignal, itsTurn } from '../connection/connection.js';
import { breakOff } from '../connection/http2.js';
import { problemOf } from '../problem.js';
import { refuseOtherOperations } from '../s3-operations.js';
import { checkSendOptions, type SendOptions, type SendSettings } from './options.js';
import { Outlet } from './outlet.js';
import { requestedPart } from './range.js';
import { ReadCheck } from './read-check.js';
import { sentDigests } from './sent-digests.js';
import { locateSendable, type Sendable, ServedFile } from './served-file.js';

/** It has `backend` and `backendReason` if something was summed. */
export interface SendResult extends Partial<Reduced> {
  status: 200 | 206 | 304 | 412 | 416;
  /** Bytes of the file that were sent. */
  bytes: number;
  /** Whether they are the whole file, and the bytes that the stored values are of. */
  verified: boolean;
  /** Why a digest that the request wanted could not be computed. */
  uncomputed?: SluiceError;
}

function endWith(
  response: ServerResponse,
  status: SendResult['status'],
  headers: OutgoingHttpHeaders,
): SendResult {
  response.writeHead(status, headers).end();
  return { status, bytes: 0, verified: false };
}

/** Without a body, but for clients of S3, who would not know what is wrong. */
function refuseWith(
  response: ServerResponse,
  error: SluiceError,
  about: OutgoingHttpHeaders,
  { s3 }: SendSettings,
): SendResult {
  const { req: request } = response;
  const { status, headers, body } = problemOf(error, { s3, request });
  response.writeHead(status, { ...about, ...(s3 ? headers : { 'Content-Length': 0 }) });
  response.end(s3 && request.method === 'GET' ? body : undefined);
  return { status: status as 412 | 416, bytes: 0, verified: false };
}

/** Last-Modified is not in the future (RFC 9110, 8.8.2.1). */
function lastModified(mtimeMs: number): string {
  return new Date(Math.min(mtimeMs, Date.now())).toUTCString();
}

async function answer(
  response: ServerResponse,
  file: ServedFile,
  settings: SendSettings,
  gone: AbortSignal,
): Promise<SendResult> {
  const { size } = file;
  const { headers, method } = response.req;
  // Before the conditions: 304 would tell a client that what it has is good, and it may have rotten bytes.
  const { known, etag, mtimeMs } = await file.kept(settings.profiles);
  const reads = method === 'GET';
  const about = { ETag: etag, 'Last-Modified': lastModified(mtimeMs), 'Accept-Ranges': 'bytes' };
  const verdict = evaluate(method as string, headers, { etag, mtimeMs });
  if (!verdict.ok) {
    if (verdict.status === 304) return endWith(response, 304, about);
    return refuseWith(
      response,
      new SluiceError('ERR_SLUICE_PRECONDITION', 'The file is not what the conditions demand'),
      about,
      settings,
    );
  }
  const part = reads ? requestedPart(headers, { etag, size }) : undefined;
  if (part === 'unsatisfiable') {
    return refuseWith(
      response,
      new SluiceError('ERR_SLUICE_RANGE', `The file has ${size} bytes, and none in the range`),
      { ...about, 'Content-Range': `bytes */${size}` },
      settings,
    );
  }

  const { start, end } = part ?? { start: 0, end: size };
  const whole = reads && end - start === size; // as `bytes=0-` asks for, too
  const { headers: stated, ...more } = await sentDigests(file, known, response.req, whole, settings, gone);
  const status = part ? 206 : 200;
  const fields = {
    ...about,
    'Content-Length': end - start,
    ...(part && { 'Content-Range': `bytes ${start}-${end - 1}/${size}` }),
    ...stated,
  };
  if (!reads) return { ...endWith(response, status, fields), ...more };

  const verified = whole && settings.verify === 'onread' && known.keys().length > 0;
  const check = verified ? new ReadCheck(known) : undefined;
  let bytes = 0;
  const outlet = new Outlet(response, settings.idleTimeout, gone);
  for await (const piece of file.pieces({ start, end }, check)) {
    // Not before there is something to send: until then the caller can still answer with an error.
    if (!response.headersSent) response.writeHead(status, fields);
    if (!(await outlet.write(piece)))
      throw (outlet.stalled ? stalled : disconnected)(file.name, file.path, bytes);
    bytes += piece.length;
  }
  response.end();
  return { status, bytes, verified, ...more, ...(verified && inNode) };
}

/** What is held against the stored values as it is sent. */
const inNode: Reduced = { backend: 'userspace', backendReason: 'the file went through Node' };

function disconnected(name: string, path: string | undefined, bytes: number): SluiceError {
  const reason = `The client left before it had all of ${name}`;
  return new SluiceError('ERR_SLUICE_DISCONNECTED', reason, { path, bytes });
}

function stalled(name: string, path: string | undefined, bytes: number): SluiceError {
  return new SluiceError('ERR_SLUICE_TIMEOUT', `The client took no more of ${name}`, { path, bytes });
}

/**
 * Answers a GET or HEAD with a regular file: conditional requests, a range (of several ranges the whole file), digests.
 * Headers that were set on the response before are sent too, `Content-Type` for one. `Content-Encoding` is what the
 * file is encoded in.
 *
 * What goes wrong before anything was sent, as ERR_SLUICE_NOT_FOUND, leaves the response untouched for an answer, such
 * as `problemOf` gives. After that the connection is destroyed, or the stream of HTTP/2 reset, so that the client has no
 * whole answer: the last piece, of 512 KiB at most, goes out only once the file is known to have stayed what it was.
 *
 * @param response of node:http, or of what stands on it
 * @param place the file, or `{ root, path }` for a path that came with the request; a path is in no case that of a symbolic
 * link, what is open stays open
 * @throws SluiceError ERR_SLUICE_DISCONNECTED if the client left; ERR_SLUICE_TIMEOUT if it stalled; ERR_SLUICE_CHANGED if the file was changed or cut
 * short as it was sent; ERR_SLUICE_CORRUPT if it is not what was stored, or was found so before, be it by another process: no
 * part of it is sent then, until it changes or is verified again
 */
export async function send(
  response: ServerResponse,
  place: Sendable,
  options: SendOptions = {},
): Promise<SendResult> {
  const settings = checkSendOptions(options);
  const { method } = response.req;
  if (method !== 'GET' && method !== 'HEAD') throw bad(`send answers GET and HEAD, not ${method}`);
  const located = locateSendable(place);
  const { what, path } = located;
  if (!(await itsTurn(response))) throw disconnected(what, path, 0);
  if (settings.s3) refuseOtherOperations(response.req);
  const file = await ServedFile.open(located);
  try {
    return await answer(response, file, settings, goneSignal(response.req.socket));
  } catch (error) {
    if (response.headersSent) breakOff(response);
    if (error instanceof SluiceError && error.code === 'ERR_SLUICE_ABORTED')
      throw disconnected(what, path, 0);
    throw error;
  } finally {
    await file.close();
  }
}
