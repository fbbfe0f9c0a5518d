/** What HTTP/2 does its own way, behind the face of node:http that Node's compatibility API gives it. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { constants, Http2ServerRequest, Http2ServerResponse, type ServerHttp2Stream } from 'node:http2';

/** Undefined for HTTP/1. */
export function streamOf(message: IncomingMessage | ServerResponse): ServerHttp2Stream | undefined {
  const given: unknown = message;
  return given instanceof Http2ServerRequest || given instanceof Http2ServerResponse
    ? given.stream
    : undefined;
}

/**
 * Whether the client took a request back, or left, before the answer ended. A body ends then as if all of it had come,
 * where its length was not announced.
 */
export function isTakenBack(request: IncomingMessage): boolean {
  return streamOf(request)?.aborted === true;
}

/** Ends an answer that has begun so that the client can't take it for whole. */
export function breakOff(response: ServerResponse): void {
  const stream = streamOf(response);
  // Destroyed, it would be reset with NO_ERROR.
  if (stream) stream.close(constants.NGHTTP2_INTERNAL_ERROR);
  else response.destroy();
}
