/** The answer to a client that may still be sending. */

import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { finished } from 'node:stream';
import { breakOff, streamOf } from './connection/http2.js';

/** What is read of a body that nobody wants, in bytes and ms: a client that goes on after that hears no answer. */
const patience = { bytes: 64 << 20, ms: 10_000 };

function mayGoOn(request: IncomingMessage): boolean {
  const { complete, headers } = request;
  // In HTTP/1 a body has one of these fields. HTTP/2 frames its bodies.
  const mayHaveBody =
    headers['transfer-encoding'] !== undefined ||
    Number(headers['content-length']) > 0 ||
    streamOf(request) !== undefined;
  return mayHaveBody && !complete;
}

/** Throws the rest of a body away, and calls `done` when it has come, or patience is over. */
function drain(request: IncomingMessage, done: () => void): void {
  let left = patience.bytes;
  const end = () => {
    clearTimeout(timer);
    forget();
    request.off('data', count);
    done();
  };
  const count = ({ length }: Buffer) => {
    left -= length;
    if (left < 0) end();
  };
  const timer = setTimeout(end, patience.ms);
  const forget = finished(request, { writable: false }, end);
  request.on('data', count).resume();
}

/**
 * Answers a request that is not done as asked, so that the client hears it even while it sends: closing a connection
 * with unread bytes resets it, and takes the answer along. So what still comes, at most 64 MiB in 10 s, is read and thrown
 * away before the connection is closed, or the stream of HTTP/2. If an answer has begun already, it is broken off.
 *
 * @param problem what `problemOf` gives, or any other answer
 */
export function refuse(
  response: ServerResponse,
  { status, headers, body }: { status: number; headers: OutgoingHttpHeaders; body: string },
): void {
  const { req: request } = response;
  const stream = streamOf(response);
  if (stream?.closed) return; // the client has left, and Node 20.19 would throw
  if (response.headersSent) return void breakOff(response);
  const content = request.method === 'HEAD' ? '' : body;
  const goesOn = mayGoOn(request);
  // Connection is not for HTTP/2 (RFC 9113, 8.2.2), where Node would warn of it.
  const kept = Object.entries(headers).filter(([name]) => !stream || name.toLowerCase() !== 'connection');
  const fields: OutgoingHttpHeaders = {
    ...Object.fromEntries(kept),
    'Content-Length': Buffer.byteLength(body),
  };
  // The client has all of the answer by its length. Node closes the connection at the end of the response.
  if (goesOn && !stream) fields['Connection'] = 'close';
  response.writeHead(status, fields);
  if (!goesOn) return void response.end(content);
  if (content === '') response.flushHeaders();
  else response.write(content);
  drain(request, () => {
    response.end();
    if (!request.complete) stream?.close(); // with NO_ERROR: the answer holds, the rest is not wanted (RFC 9113, 8.1)
  });
}
