/** When it is a request's turn, of which only its response is told. */

import { subscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { itsTurn } from '../connection/connection.js';
import { abandoned, disconnected } from './upload-failures.js';

/** By their requests: Node ties a response to its request, but not the other way round. */
const responses = new WeakMap<IncomingMessage, ServerResponse>();

subscribe('http.server.request.start', (message) => {
  const { request, response } = message as { request: IncomingMessage; response: ServerResponse };
  responses.set(request, response);
});

/**
 * Waits until all requests before it on its connection are answered.
 *
 * @throws ERR_SLUICE_DISCONNECTED if the client leaves, ERR_SLUICE_ABORTED if the signal fires
 */
export async function turnOf(request: IncomingMessage, signal: AbortSignal | undefined): Promise<void> {
  const response = responses.get(request);
  if (response === undefined || (await itsTurn(response, signal))) return;
  throw signal?.aborted ? abandoned(signal) : disconnected(undefined);
}
