// SPDX-License-Identifier: Apache-2.0
// The XML in a request's body.

import { finished } from 'node:stream';
import { parse } from './parse.mjs';
import { Refusal } from './refusal.mjs';

const longest = 256 * 1024;

/** The properties that one request may name. */
const mostProperties = 1000;

const limits = { depth: 64, attributes: 128, name: 256, namespace: 1024 };

/** In ms. */
const patience = 10_000;

/** All bytes of a body. */
function bytesOf(request) {
  return new Promise((resolve, reject) => {
    const chunks = [];
    let size = 0;
    const take = (chunk) => {
      size += chunk.length;
      if (size > longest) end(new Refusal(413, `The XML has more than ${longest} bytes`));
      else chunks.push(chunk);
    };
    const end = (error) => {
      clearTimeout(timer);
      forget();
      request.off('data', take);
      if (error) reject(error);
      else resolve(Buffer.concat(chunks));
    };
    const timer = setTimeout(() => end(new Refusal(408, 'The XML does not come')), patience);
    const forget = finished(request, { writable: false }, end);
    request.on('data', take);
  });
}

/** What tells the encoding: a byte order mark, else the field, else the declaration (RFC 7303, 3). */
function encodingOf(bytes, { 'content-type': type = '' }) {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return 'utf-8';
  const [, charset] = /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(type) ?? [];
  const start = bytes.toString('latin1', 0, 100);
  return charset ?? /^<\?xml[^>]*?\sencoding\s*=\s*["']([^"']+)/.exec(start)?.[1] ?? 'utf-8';
}

function textOf(bytes, headers) {
  const encoding = encodingOf(bytes, headers);
  let decoder;
  try {
    decoder = new TextDecoder(encoding, { fatal: true });
  } catch {
    throw new Refusal(415, `The encoding "${encoding}" is not known here`);
  }
  try {
    return decoder.decode(bytes);
  } catch {
    throw new Refusal(400, `The XML is not in ${encoding}`);
  }
}

/** The root element of a request's body; undefined for an empty body. */
export async function bodyOf(request) {
  const coding = request.headers['content-encoding'] ?? 'identity';
  if (coding.toLowerCase() !== 'identity') throw new Refusal(415, 'XML is read as it is, without a coding');
  const bytes = await bytesOf(request);
  return bytes.length === 0 ? undefined : parse(textOf(bytes, request.headers), limits);
}

/** The properties that a body names, unless they are too many. */
export function limited(properties) {
  if (properties.length > mostProperties)
    throw new Refusal(413, `More than ${mostProperties} properties are named`);
  return properties;
}
