import type { IncomingMessage, Server } from 'node:http';
import { streamOf } from '../connection/http2.js';

const seen = new WeakSet<Server>();

/**
 * Warns, once for each server, of a limit to the time in which a whole request has to come: Node ends uploads by it, however
 * fast they come. HTTP/2 has no such limit.
 */
export function warnOfRequestTimeout(request: IncomingMessage): void {
  if (streamOf(request)) return;
  // Node's name for it; TypeScript knows nothing of it.
  const { server } = request.socket as { server?: Server };
  if (!server || seen.has(server)) return;
  seen.add(server);
  const { requestTimeout } = server;
  if (!(requestTimeout > 0)) return;
  process.emitWarning(
    `Node ends every upload that takes more than ${requestTimeout / 1000} s. Set requestTimeout of the server to 0: createServer({ requestTimeout: 0 }), or server.requestTimeout = 0.`,
    { code: 'SLUICE_REQUEST_TIMEOUT' },
  );
}
