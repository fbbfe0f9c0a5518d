import type { IncomingMessage, ServerResponse } from 'node:http';
import { fileHandler } from './file-handler.js';
import type { FileHandlerOptions } from './file-handler-options.js';

/** The part of Fastify's reply that this needs. */
export interface FastifyReplyPart {
  raw: ServerResponse;
  hijack(): unknown;
  callNotFound(): unknown;
}

/** The part of a Fastify instance that this needs. */
export interface FastifyScope {
  /** What the scope is mounted on: all prefixes down to it. */
  readonly prefix: string;
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
 * Gives a request the target beneath a prefix, as Express does for what is mounted on a path. It returns what undoes that.
 *
 * The prefix may have parameters (`/:user`), other letters, and percent signs: what counts are its names.
 */
function mount(request: IncomingMessage & { originalUrl?: string }, prefix: string): () => void {
  const { url = '', originalUrl } = request;
  const names = prefix.split('/').filter((name) => name !== '').length;
  const beneath = url.replace(
    new RegExp(`^(https?://[^/?#]*)?(?:/+[^/?#]*){${names}}/?`, 'i'),
    (_, host = '') => `${host}/`,
  );
  request.url = beneath;
  request.originalUrl ??= url; // which Fastify believes, too
  return () => {
    request.url = url;
    if (originalUrl === undefined) delete request.originalUrl;
  };
}

/**
 * Files for Fastify: `app.register(fastifyFiles(options), { prefix: '/files' })`. Within its scope bodies are not parsed,
 * and PUT, GET and HEAD are its own: what `locate` does not know is not found. It sees the target beneath the prefix.
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
        const unmount = mount(request, scope.prefix);
        // Fastify would answer by itself when the handler is through.
        if (await handle(request, reply.raw)) return void reply.hijack();
        unmount();
        reply.callNotFound();
      },
    });
  };
}
