import type { IncomingMessage, ServerResponse } from 'node:http';
import { type FileHandlerOptions, fileHandler } from './file-handler.js';

/** The part of Fastify's reply that this needs. */
export interface FastifyReplyPart {
  raw: ServerResponse;
  hijack(): unknown;
  callNotFound(): unknown;
}

/** The part of a Fastify instance that this needs. */
export interface FastifyScope {
  removeAllContentTypeParsers(): void;
  addContentTypeParser(
    type: string,
    parser: (request: unknown, payload: unknown, done: (error: null) => void) => void,
  ): unknown;
  route(route: {
    method: string[];
    url: string;
    handler: (request: { raw: IncomingMessage }, reply: FastifyReplyPart) => Promise<void>;
  }): unknown;
}

/** A plugin as Fastify takes it. */
export type FastifyPlugin = (scope: FastifyScope) => Promise<void>;

/**
 * Files for Fastify: `app.register(fastifyFiles(options), { prefix: '/files' })`. Within its scope bodies are not parsed,
 * and PUT, GET and HEAD are its own: what `locate` does not know is not found.
 */
export function fastifyFiles(options: FileHandlerOptions): FastifyPlugin {
  const handle = fileHandler(options);
  return async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null));
    scope.route({
      method: ['PUT', 'GET', 'HEAD'],
      url: '/*',
      async handler({ raw: request }, reply) {
        // Fastify would answer by itself when the handler is through.
        if (await handle(request, reply.raw)) reply.hijack();
        else reply.callNotFound();
      },
    });
  };
}
