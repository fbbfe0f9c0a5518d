/** Checksums for webdav-server 2: puts itself around the stream that a file system opens for writing. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { Writable } from 'node:stream';
import { BodyDigests } from '../digests/body-digests.js';
import { storedDigestFields } from '../fields/produce.js';
import { problemOf } from '../problem.js';
import { warnOfRequestTimeout } from '../receive/request-timeout.js';
import { type ChecksumAdapterOptions, checkChecksumAdapterOptions } from './checksum-options.js';

/** The parts of a webdav-server request's context that this needs; those of other origin have no request. */
interface Context {
  request?: IncomingMessage;
  response?: ServerResponse;
  setCodeFromError?: (error: Error) => boolean;
}

type Opened = (error: Error | null, stream?: Writable) => void;

/** The method of webdav-server's file systems that is replaced: protected, so no type may ask for it. */
interface Opener {
  _openWriteStream?(path: unknown, info: { context: Context }, callback: Opened): void;
}

export type WebdavServerChecksumOptions = ChecksumAdapterOptions;

/** Writes into `target`, and finishes when that is closed: then the bytes are where the file system wanted them. */
function checked(target: Writable, digests: BodyDigests, finish: () => void): Writable {
  const outer = new Writable({
    write(chunk: Buffer, _encoding, done) {
      digests.update(chunk);
      target.write(chunk, done);
    },
    final(done) {
      try {
        finish();
        target.end(done);
      } catch (error) {
        target.destroy();
        done(error as Error);
      }
    },
    destroy(error, done) {
      if (error) target.destroy();
      done(error);
    },
  });
  target.on('error', (error) => outer.destroy(error));
  return outer;
}

/** Makes the server answer with the problem, where it would say 500 to an error it does not know. */
function explain(context: Context, error: unknown): void {
  context.setCodeFromError = () => {
    const { status, headers, body } = problemOf(error);
    context.response?.writeHead(status, headers).write(body);
    return true;
  };
}

/**
 * Changes the file system so that a PUT's stated digests are verified, and its answer states the values of what was
 * written. Returns it. A mismatch is answered with 412; the library's own file systems write in place, so the file is
 * incomplete or has the wrong bytes then, and the client is told.
 */
export function withChecksums<T extends object>(fileSystem: T, options: WebdavServerChecksumOptions = {}): T {
  const { algorithms, stating } = checkChecksumAdapterOptions(options);
  const open = (fileSystem as Opener)._openWriteStream?.bind(fileSystem);
  if (open === undefined) return fileSystem;
  const replacement: Opener['_openWriteStream'] = (path, info, callback) => {
    const { context } = info;
    const { request, response } = context;
    if (request?.method !== 'PUT') return open(path, info, callback);
    warnOfRequestTimeout(request);
    let digests: BodyDigests;
    try {
      digests = new BodyDigests(request.headers, algorithms);
    } catch (error) {
      explain(context, error);
      return callback(error as Error);
    }
    open(path, info, (error, target) => {
      if (error || target === undefined) return callback(error);
      const outer = checked(target, digests, () => {
        const stated = storedDigestFields(digests.finish(request.trailers), stating);
        for (const [name, value] of Object.entries(stated)) response?.setHeader(name, value);
      });
      outer.on('error', (reason) => explain(context, reason));
      callback(null, outer);
    });
  };
  return Object.assign(fileSystem, { _openWriteStream: replacement });
}
