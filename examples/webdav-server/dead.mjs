// SPDX-License-Identifier: Apache-2.0
// The properties that clients invent ("dead" ones). They are user attributes of the file, one each: they go wherever
// the file goes, and what PUT puts in its place keeps them.

import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { getAttribute, listAttributes, removeAttribute, setAttribute } from 'sluice/xattr';
import { parse } from './parse.mjs';
import { Refusal } from './refusal.mjs';
import { gone } from './tree.mjs';
import { serialized } from './xml.mjs';

const prefix = 'user.webdav.';

/** Of one file or folder: PROPFIND has all of it in memory. */
const most = 1000;
const mostBytes = 256 * 1024;

/** A property as one string, and as the end of its attribute's name. */
export const keyOf = ({ namespace, name }) => `{${namespace}}${name}`;

/** Opens what a path leads to for its attributes; a folder or a file. */
export async function withHandle(path, work) {
  // By now it may be a link, or a pipe that nobody writes to.
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const handle = await open(path, flags).catch(gone);
  try {
    return await work(handle);
  } finally {
    await handle.close();
  }
}

/** The property that an attribute keeps; undefined for what is none: other programs may use the same names. */
async function propertyIn(key, value) {
  try {
    const node = await parse(value);
    // Written anew: a document may begin with what an element in another one can't.
    return keyOf(node) === key
      ? { namespace: node.namespace, name: node.name, text: serialized(node) }
      : undefined;
  } catch {
    return undefined;
  }
}

/** By key: { namespace, name, text }, where the text is the whole element. */
export async function deadOf({ fd }, isWanted = () => true) {
  const found = new Map();
  for (const attribute of await listAttributes(fd)) {
    const key = attribute.slice(prefix.length);
    if (!attribute.startsWith(prefix) || !isWanted(key)) continue;
    const value = await getAttribute(fd, attribute);
    const property = value && (await propertyIn(key, value.toString()));
    if (property !== undefined) found.set(key, property);
  }
  return found;
}

/** Gives a copy the properties of its original. */
export async function copyAttributes(original, copy) {
  for (const [key, { text }] of await deadOf(original)) await write(copy, key, text);
}

async function write({ fd }, key, text) {
  if (text !== undefined) await setAttribute(fd, prefix + key, Buffer.from(text));
  else await removeAttribute(fd, prefix + key);
}

/**
 * Makes all of the changes in their order, or none.
 *
 * @param changes { key, text } with the whole element, or without text where it is to be removed
 * @returns undefined, or the change that could not be made and why
 */
export async function changeDead(handle, changes) {
  const before = await deadOf(handle);
  const now = new Map([...before].map(([key, { text }]) => [key, text]));
  const sizeOf = (text = '') => Buffer.byteLength(text);
  let size = [...now.values()].reduce((sum, text) => sum + sizeOf(text), 0);
  const done = new Set();
  for (const change of changes) {
    const { key, text } = change;
    try {
      if (text === undefined && !now.has(key)) continue; // to remove what is not there is no error (RFC 4918, 14.23)
      size += sizeOf(text) - sizeOf(now.get(key));
      if (text === undefined) now.delete(key);
      else now.set(key, text);
      if (text !== undefined && (now.size > most || size > mostBytes))
        throw new Refusal(
          507,
          `It has no room for more than ${most} properties or ${mostBytes} bytes of them`,
        );
      await write(handle, key, text);
      done.add(key);
    } catch (error) {
      for (const each of done) await write(handle, each, before.get(each)?.text).catch(() => {});
      return { change, error };
    }
  }
  return undefined;
}
