/** Files at places of the caller's choice, for node:http and for the adapters that frameworks need. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Destination } from '../../staging/staged-file.js';
import { type ProblemOptions, problemOf } from '../problem.js';
import { receive } from '../receive.js';
import type { ReceiveOptions } from '../receive-options.js';
import { refuse } from '../refuse.js';
import { markFlow } from '../scitags.js';
import { send } from '../send.js';
import type { SendOptions } from '../send-options.js';

export interface FileHandlerOptions extends ProblemOptions {
  /** Where the file of a request lies. Undefined: the request is not for this handler. What it throws is answered. */
  locate(request: IncomingMessage): Destination | undefined;
  /** For PUT. */
  receive?: Omit<ReceiveOptions, 'proceed'>;
  /** For GET and HEAD. */
  send?: SendOptions;
  /**
   * Whether the server's event `checkContinue` leads here, too: 100 Continue is then sent when it is certain that the
   * body is wanted. Default: false, and Node sends it at once.
   */
  checkContinue?: boolean;
  /**
   * Told of the server's own troubles, of which the client hears next to nothing: what is answered with a status of 500
   * or more (501 is the client's), or would be, had no answer begun (a file found rotten while it was sent: once, not at each request for it). Default:
   * standard error.
   */
  onError?: (error: unknown, request: IncomingMessage) => void;
  /** Flowd's named pipe, to be told of transfers that have a SciTag. Default: nobody is told. */
  flowd?: string;
}

/** Whether it answered. If not, the request is as it was. */
export type FileHandler = (request: IncomingMessage, response: ServerResponse) => Promise<boolean>;

const methods: ReadonlySet<string | undefined> = new Set(['PUT', 'GET', 'HEAD']);

/** PUT by `receive`, GET and HEAD by `send`, errors as `application/problem+json`. Other methods are left alone. */
export function fileHandler(options: FileHandlerOptions): FileHandler {
  const { onError = (error) => console.error(error) } = options;
  return async (request, response) => {
    if (!methods.has(request.method)) return false;
    try {
      const file = options.locate(request);
      if (file === undefined) return false;
      if (options.flowd !== undefined) markFlow(options.flowd, request, response);
      if (request.method === 'PUT') {
        // HTTP/1.0 knows no such answer: a client would take it for the last one (RFC 9110, 10.1.1).
        const mayWait = request.headers.expect !== undefined && request.httpVersion !== '1.0';
        const waits = options.checkContinue === true && mayWait;
        const { status, fields } = await receive(request, file, {
          ...options.receive,
          ...(waits && { proceed: () => response.writeContinue() }),
        });
        response.writeHead(status, fields).end();
      } else {
        await send(response, file, options.send);
      }
    } catch (error) {
      const problem = problemOf(error, options);
      refuse(response, problem);
      if (problem.fault) onError(error, request);
    }
    return true;
  };
}
