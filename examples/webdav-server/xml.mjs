// SPDX-License-Identifier: Apache-2.0
// XML as WebDAV uses it: what is in an element that came, and elements as text.

export const DAV = 'DAV:';

/** The elements in an element, or those of one name of WebDAV's. The others are ignored (RFC 4918, 17). */
export function children(element, name) {
  return (element?.content ?? []).filter(
    (each) =>
      typeof each !== 'string' && (name === undefined || (each.namespace === DAV && each.name === name)),
  );
}

export function child(element, name) {
  return children(element, name)[0];
}

// A carriage return that is no reference would be read as a new line.
export function escaped(text) {
  return text.replace(/[<>&"'\r]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** An element of any namespace around XML that is there already. */
export function element({ namespace, name }, content = '') {
  if (namespace === DAV) return content === '' ? `<D:${name}/>` : `<D:${name}>${content}</D:${name}>`;
  const open = `${name} xmlns="${escaped(namespace)}"`;
  return content === '' ? `<${open}/>` : `<${open}>${content}</${name}>`;
}

const attribute = ([name, value]) =>
  ` ${name}="${escaped(value).replace(/[\t\n]/g, (character) => `&#${character.charCodeAt(0)};`)}"`;

function written({ tag, content }, more = []) {
  const own = Object.values(tag.attributes).map(({ name, value }) => [name, value]);
  const open = `<${tag.name}${[...own, ...more].map(attribute).join('')}`;
  if (content.length === 0) return `${open}/>`;
  const inside = content.map((each) => (typeof each === 'string' ? escaped(each) : written(each)));
  return `${open}>${inside.join('')}</${tag.name}>`;
}

/** Adds the prefixes of an element, and of what is in it, that are declared further out. */
function borrowed(node, inner, found) {
  const { tag } = node;
  const scope = Object.assign(Object.create(inner), tag.ns);
  // A default namespace is none for attributes; `xml` and `xmlns` need no declaration.
  const prefixed = Object.values(tag.attributes).filter(
    ({ prefix }) => !['', 'xml', 'xmlns'].includes(prefix),
  );
  for (const { prefix, uri } of [tag, ...prefixed]) {
    if (!(prefix in scope) && uri !== '') found.set(prefix, uri);
  }
  for (const each of children(node)) borrowed(each, scope, found);
  return found;
}

/** An element as text that means the same in another document, prefixes and language included (RFC 4918, 4.3). */
export function serialized(node) {
  const more = [...borrowed(node, Object.create(null), new Map())].map(([prefix, namespace]) => [
    prefix === '' ? 'xmlns' : `xmlns:${prefix}`,
    namespace,
  ]);
  if (node.language !== undefined && !('xml:lang' in node.tag.attributes))
    more.push(['xml:lang', node.language]);
  return written(node, more);
}
