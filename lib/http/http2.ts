/** What HTTP/2 does its own way, behind the face of node:http that Node's compatibility API gives it. */

import type { ServerResponse } from 'node:http';
import { constants, type ServerHttp2Stream } from 'node:http2';

/** Undefined for HTTP/1. */
export function streamOf(response: ServerResponse): ServerHttp2Stream | undefined {
  return (response as { stream?: ServerHttp2Stream }).stream;
}

/** Ends an answer that has begun so that the client can't take it for whole. */
export function breakOff(response: ServerResponse): void {
  const stream = streamOf(response);
  // Destroyed, it would be reset with NO_ERROR.
  if (stream) stream.close(constants.NGHTTP2_INTERNAL_ERROR);
  else response.destroy();
}
