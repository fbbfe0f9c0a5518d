/** What servers do with a body: the pipeline that people write in Node, `receive` with each of its transports, or nothing. */

import { createWriteStream } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { Transform, type TransformCallback } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import * as zlib from 'node:zlib';
import { receive } from '#lib/http/receive/receive.js';

/** Takes a body, and gives its crc32 where it computes one. */
export type Store = (request: IncomingMessage, path: string) => Promise<bigint | undefined>;

/** Node.js from 20.15 and 22.2 on has it. */
const { crc32 } = zlib as { crc32?: (bytes: Uint8Array, value?: number) => number };

class Crc32Stream extends Transform {
  value = 0;

  override _transform(chunk: Buffer, _: BufferEncoding, done: TransformCallback): void {
    this.value = crc32?.(chunk, this.value) ?? 0;
    done(null, chunk);
  }
}

async function storeAsUsual(request: IncomingMessage, path: string): Promise<bigint> {
  const sum = new Crc32Stream();
  await pipeline(request, sum, createWriteStream(path));
  return BigInt(sum.value);
}

function storeBy(transport: 'stream' | 'relay'): Store {
  return async (request, path) => {
    const { checksums } = await receive(request, path, { algorithms: ['crc32'], transport });
    return checksums.crc32?.value ?? 0n;
  };
}

async function discard(request: IncomingMessage): Promise<undefined> {
  request.resume();
  await finished(request);
}

/** What a server in Node costs that stores nothing. */
export const floor: readonly [name: string, backend: 'none', store: Store] = [
  'node:http, nothing stored',
  'none',
  discard,
];

/** Those that this version of Node.js has. */
export const stores: readonly (readonly [name: string, backend: 'other' | 'userspace', store: Store])[] = [
  ...(crc32 ? [['Node pipeline + zlib', 'other', storeAsUsual] as const] : []),
  ['receive, stream', 'userspace', storeBy('stream')],
  ['receive, relay', 'userspace', storeBy('relay')],
];
