import type { IncomingMessage, ServerResponse } from 'node:http';
import { fileHandler } from './file-handler.js';
import type { FileHandlerOptions } from './file-handler-options.js';

/** A middleware as Express takes it. */
export type ExpressHandler = (
  request: IncomingMessage,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void;

/** Files for Express: to be used before anything that reads bodies. What is not for it goes to the next handler. */
export function expressFiles(options: FileHandlerOptions): ExpressHandler {
  const handle = fileHandler(options);
  return (request, response, next) => {
    handle(request, response).then((answered) => answered || next(), next);
  };
}
