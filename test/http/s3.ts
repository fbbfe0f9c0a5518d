/** A server, and the parts of what clients of S3 put into it. */

import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { fileHandler, requestPath } from '../../lib/http/index.js';
import { temporaryFolder } from '../helpers/files.js';
import { type Answer, ask, listening } from '../helpers/http.js';

const base = temporaryFolder();
export let root = '';
export let port = 0;
let count = 0;

/** Starts a server of the files of a new folder, `root`. */
export async function serve(s3: boolean): Promise<void> {
  root = join(base, String(count++));
  mkdirSync(root);
  const locate = (request: IncomingMessage) => ({ root, path: requestPath(request) });
  const handle = fileHandler({ locate, s3 });
  port = await listening(async (request, response) => {
    if (!(await handle(request, response))) response.writeHead(405).end();
  });
}

export const put = (
  headers: Record<string, string>,
  body: string | readonly string[],
  target = '/file',
): Promise<Answer> => ask(port, 'PUT', target, { headers, body });

export const object = '123456789';
export const sum = 'y/Q5Jg==';
export const trailer: string = `x-amz-checksum-crc32:${sum}\r\n`;
export const sha256: string = createHash('sha256').update(object).digest('hex');
export const framed = (trailers = '', chunks = `9\r\n${object}\r\n`): string =>
  `${chunks}0\r\n${trailers}\r\n`;
export const length: Record<string, string> = { 'x-amz-decoded-content-length': '9' };
export const encoded: Record<string, string> = { 'Content-Encoding': 'aws-chunked', ...length };
export const unsigned: Record<string, string> = {
  ...length,
  'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
};
export const announced: Record<string, string> = { 'x-amz-trailer': 'x-amz-checksum-crc32' };
export const signature: string = 'a'.repeat(64);
