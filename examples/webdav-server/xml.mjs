// SPDX-License-Identifier: Apache-2.0
// XML as WebDAV uses it: bodies in, multistatus out.

import { finished } from 'node:stream';
import { DOMParser, XMLSerializer } from '@xmldom/xmldom';
import { Refusal } from './refusal.mjs';

export const DAV = 'DAV:';

const longest = 256 * 1024;

/** In ms. */
const patience = 10_000;

/** All bytes of a body. */
function bytesOf(request) {
  return new Promise((resolve, reject) => {
    const chunks = [];
    let size = 0;
    const timer = setTimeout(() => reject(new Refusal(408, 'The XML does not come')), patience);
    finished(request, { writable: false }, (error) => {
      clearTimeout(timer);
      if (error) reject(error);
      else resolve(Buffer.concat(chunks));
    });
    request.on('data', (chunk) => {
      size += chunk.length;
      if (size > longest) reject(new Refusal(413, `The XML has more than ${longest} bytes`));
      else chunks.push(chunk);
    });
  });
}

/** The root element of a document. */
export function parse(bytes) {
  const text = new TextDecoder().decode(bytes);
  // A document type can only be meant for entities, and those for harm (RFC 4918, 20.6).
  if (/<!DOCTYPE/i.test(text)) throw new Refusal(400, 'A document type is not welcome');
  let root;
  try {
    const refuse = (level, message) => {
      if (level !== 'warning') throw new Error(message);
    };
    root = new DOMParser({ onError: refuse }).parseFromString(text, 'text/xml').documentElement;
  } catch (error) {
    throw new Refusal(400, `The XML is not well formed: ${String(error.message).split('\n')[0]}`);
  }
  // RFC 4918, 8.2: a prefix bound to nothing is an error. The parser lets it pass.
  if (/xmlns:[\w-]+\s*=\s*(?:""|'')/.test(text)) throw new Refusal(400, 'A prefix stands for no namespace');
  return root;
}

/** The root element of a request's body; undefined for an empty body. */
export async function bodyOf(request) {
  const bytes = await bytesOf(request);
  return bytes.length === 0 ? undefined : parse(bytes);
}

/** The elements in an element, or those of one name of WebDAV's. */
export function children(element, name) {
  return Array.from(element?.childNodes ?? []).filter(
    (node) =>
      node.nodeType === 1 && (name === undefined || (node.namespaceURI === DAV && node.localName === name)),
  );
}

export function child(element, name) {
  return children(element, name)[0];
}

export function escaped(text) {
  return text.replace(/[<>&"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** An element as text that means the same in any document. */
export function serialized(element) {
  return new XMLSerializer().serializeToString(element);
}

/** An element of any namespace around XML that is there already. */
export function element({ namespace, name }, content = '') {
  if (namespace === DAV) return content === '' ? `<D:${name}/>` : `<D:${name}>${content}</D:${name}>`;
  const open = `${name} xmlns="${escaped(namespace ?? '')}"`;
  return content === '' ? `<${open}/>` : `<${open}>${content}</${name}>`;
}

export function multistatus(responses) {
  return `<?xml version="1.0" encoding="utf-8"?>\n<D:multistatus xmlns:D="DAV:">${responses.join('')}</D:multistatus>`;
}
