/** Files at places of the caller's choice, for node:http and for the adapters that frameworks need. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { problemOf } from '../problem.js';
import { receive } from '../receive/receive.js';
import { refuse } from '../refuse.js';
import { markFlow } from '../scitags.js';
import { send } from '../send/send.js';
import { checkFileHandlerOptions, type FileHandlerOptions } from './file-handler-options.js';

/** Whether it answered. If not, the request is as it was. */
export type FileHandler = (request: IncomingMessage, response: ServerResponse) => Promise<boolean>;

const methods: ReadonlySet<string | undefined> = new Set(['PUT', 'GET', 'HEAD']);

/**
 * PUT by `receive`, GET and HEAD by `send`, errors as `application/problem+json` or S3's XML. Other methods are left alone.
 *
 * @throws SluiceError ERR_SLUICE_OPTION, ERR_SLUICE_ALGORITHM for options that are wrong, those for `receive` and `send` too
 */
export function fileHandler(options: FileHandlerOptions): FileHandler {
  const checked = checkFileHandlerOptions(options);
  const { s3, checkContinue, flowd, onError } = checked;
  return async (request, response) => {
    if (!methods.has(request.method)) return false;
    try {
      const file = checked.locate(request);
      if (file === undefined) return false;
      if (flowd !== undefined) markFlow(flowd, request, response);
      if (request.method === 'PUT') {
        // HTTP/1.0 knows no such answer: a client would take it for the last one (RFC 9110, 10.1.1).
        const mayWait = request.headers.expect !== undefined && request.httpVersion !== '1.0';
        const { status, fields } = await receive(request, file, {
          ...checked.receive,
          s3,
          ...(checkContinue && mayWait && { proceed: () => response.writeContinue() }),
        });
        response.writeHead(status, fields).end();
      } else {
        await send(response, file, { ...checked.send, s3 });
      }
    } catch (error) {
      const problem = problemOf(error, { s3, request });
      refuse(response, problem);
      if (problem.fault) onError(error, request);
    }
    return true;
  };
}
