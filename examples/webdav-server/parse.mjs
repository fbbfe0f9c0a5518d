// SPDX-License-Identifier: Apache-2.0
// XML that came, as a tree of { namespace, name, content, language, tag }: what is in an element is elements
// and text, the language is its own or one further out, and the tag is the parser's.

import { setImmediate } from 'node:timers/promises';
import { Refusal } from './refusal.mjs';

// The only package that does not come with sluice.
const { SaxesParser } = await import('saxes').catch((error) => {
  if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
  console.error(
    'The package saxes, which reads the XML of requests, is not there. Install it: npm install saxes',
  );
  process.exit(1);
});

/** Characters that are read before others have their turn: the bodies of most requests have fewer. */
const step = 4 * 1024;

/** The end of the last long document: one is read after the other, so that many at once have one tree in memory. */
let last = Promise.resolve();

/** For documents that are too short to do harm. */
const unlimited = { depth: Infinity, attributes: Infinity, name: Infinity, namespace: Infinity };

/**
 * The root element. Throws a Refusal for what is not well formed, or beyond the limits: 413, as soon as it is seen.
 *
 * @param limits of elements in each other, attributes of one element, and the characters of a name or a namespace
 */
export function parse(text, limits = unlimited) {
  if (text.length <= step) return read(text, limits);
  const tree = last.then(() => read(text, limits));
  const done = () => {};
  last = tree.then(done, done);
  return tree;
}

async function read(text, limits) {
  const check = (count, limit, what) => {
    if (count > limits[limit]) throw new Refusal(413, `${what} ${limits[limit]}`);
  };
  // Documents of XML 1.1 may have characters that the answer, which is XML 1.0, can't.
  const parser = new SaxesParser({
    xmlns: true,
    position: false,
    defaultXMLVersion: '1.0',
    forceXMLVersion: true,
  });
  const open = [];
  let root;
  let attributes = 0;
  parser.on('error', ({ message }) => {
    throw new Refusal(400, `The XML is not well formed: ${message.slice(0, 200).replace(/\.$/, '')}`);
  });
  // A document type can only be meant for entities, and those for harm (RFC 4918, 20.6).
  parser.on('doctype', () => {
    throw new Refusal(400, 'A document type is not welcome');
  });
  parser.on('opentagstart', ({ name }) => {
    check(open.length + 1, 'depth', 'Elements are in each other more often than');
    check(name.length, 'name', 'The characters of a name are more than');
    attributes = 0;
  });
  parser.on('attribute', ({ name, value }) => {
    attributes += 1;
    check(attributes, 'attributes', 'The attributes of an element are more than');
    check(name.length, 'name', 'The characters of a name are more than');
    if (/^xmlns(?:$|:)/.test(name))
      check(value.length, 'namespace', 'The characters of a namespace are more than');
  });
  parser.on('opentag', (tag) => {
    const language = tag.attributes['xml:lang']?.value ?? open.at(-1)?.language;
    const node = { namespace: tag.uri, name: tag.local, tag, language, content: [] };
    if (open.length > 0) open.at(-1).content.push(node);
    else root = node;
    open.push(node);
  });
  parser.on('closetag', () => open.pop());
  for (const event of ['text', 'cdata']) parser.on(event, (piece) => open.at(-1)?.content.push(piece));
  for (let i = 0; i < text.length; i += step) {
    if (i > 0) await setImmediate();
    parser.write(text.slice(i, i + step));
  }
  parser.close();
  return root;
}
