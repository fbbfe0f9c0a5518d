import type { IncomingMessage, ServerResponse } from 'node:http';
import { fileHandler } from './file-handler.js';
import type { FileHandlerOptions } from './file-handler-options.js';

/** The part of Koa's context that this needs. */
export interface KoaContext {
  req: IncomingMessage;
  res: ServerResponse;
  respond?: boolean | undefined;
}

/** A middleware as Koa takes it. */
export type KoaMiddleware = (context: KoaContext, next: () => Promise<unknown>) => Promise<void>;

/** Files for Koa: to be used before anything that reads bodies. What is not for it goes to the next middleware. */
export function koaFiles(options: FileHandlerOptions): KoaMiddleware {
  const handle = fileHandler(options);
  return async (context, next) => {
    // Koa would answer by itself when the middleware is through.
    if (await handle(context.req, context.res)) context.respond = false;
    else await next();
  };
}
