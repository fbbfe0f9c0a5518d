/** Checksums for nephele, the WebDAV server for Express: a plugin that puts itself around `Resource.setStream`. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { BodyDigests } from '../digests/body-digests.js';
import { storedDigestFields } from '../fields/produce.js';
import { problemOf } from '../problem.js';
import { warnOfRequestTimeout } from '../receive/request-timeout.js';
import { refuse } from '../refuse.js';
import { type ChecksumAdapterOptions, checkChecksumAdapterOptions } from './checksum-options.js';

/** The part of nephele's Resource that this needs. */
export interface NepheleResource {
  setStream(input: Readable, ...rest: never[]): Promise<void>;
}

/** A plugin as nephele takes it. */
export interface NephelePlugin {
  beforePut(
    request: IncomingMessage,
    response: ServerResponse,
    data: { resource: NepheleResource },
  ): Promise<false | undefined>;
}

export type NepheleChecksumOptions = ChecksumAdapterOptions;

/**
 * Verifies what a PUT states and states the values of what was handed to the adapter. On a mismatch the adapter's stream
 * breaks before its end and the answer is 412; whether the old file is still there is the adapter's merit.
 *
 * Nephele undoes a Content-Encoding first. The digests that a client states are of the encoded bytes then, which never
 * pass here: they are not compared.
 */
export function nepheleChecksums(options: NepheleChecksumOptions = {}): NephelePlugin {
  const { algorithms, stating } = checkChecksumAdapterOptions(options);
  return {
    async beforePut(request, response, { resource }) {
      warnOfRequestTimeout(request);
      const encoded = (request.headers['content-encoding'] ?? 'identity') !== 'identity';
      let digests: BodyDigests;
      try {
        digests = new BodyDigests(encoded ? {} : request.headers, algorithms);
      } catch (error) {
        refuse(response, problemOf(error));
        return false;
      }
      const setStream = resource.setStream.bind(resource);
      resource.setStream = async (input, ...rest) => {
        let failure: unknown;
        async function* checked(): AsyncGenerator<Buffer> {
          try {
            for await (const chunk of input) {
              digests.update(chunk);
              yield chunk;
            }
            const values = digests.finish(encoded ? {} : request.trailers);
            for (const [name, value] of Object.entries(storedDigestFields(values, stating)))
              response.setHeader(name, value);
          } catch (error) {
            failure = error;
            throw error;
          }
        }
        // Nothing is read before the adapter reads, so it is there to hear of an error.
        try {
          await setStream(Readable.from(checked(), { objectMode: false }), ...rest);
        } catch (error) {
          // What the adapter makes of a broken stream is its own affair; the reason is here.
          if (failure !== undefined) refuse(response, problemOf(failure));
          throw error;
        }
      };
      return undefined;
    },
  };
}
