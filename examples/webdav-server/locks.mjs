// SPDX-License-Identifier: Apache-2.0
// Write locks (RFC 4918, 6 and 7), kept in memory: they end with the server, at the latest after a day.

import { randomUUID } from 'node:crypto';
import { Refusal } from './refusal.mjs';

const longest = 24 * 60 * 60;
const most = 10_000;
/** For each name, and for what its owner says of himself, in bytes: PROPFIND tells all of it. */
const mostOfOne = 32;
const longestOwner = 1024;

const keyOf = (names) => names.map((name) => `/${name}`).join('');

/** Whether the lock on `key` covers what is at `path`. */
function covers(lock, path) {
  return lock.key === path || (lock.deep && path.startsWith(`${lock.key}/`));
}

export class Locks {
  #locks = new Map();

  /** Those that hold now for what the names lead to. */
  on(names) {
    const path = keyOf(names);
    return this.#live().filter((lock) => covers(lock, path));
  }

  /** Those on something beneath. */
  beneath(names) {
    const path = `${keyOf(names)}/`;
    return this.#live().filter(({ key }) => key.startsWith(path));
  }

  create(names, { deep, exclusive, owner, timeout }) {
    const others = deep ? [...this.on(names), ...this.beneath(names)] : this.on(names);
    if (others.some((other) => exclusive || other.exclusive)) throw new Refusal(423, 'It is locked');
    if (Buffer.byteLength(owner) > longestOwner)
      throw new Refusal(413, `The owner has more than ${longestOwner} bytes`);
    if (others.filter(({ key }) => key === keyOf(names)).length >= mostOfOne)
      throw new Refusal(507, 'There are too many locks on it');
    if (this.#locks.size >= most) throw new Refusal(507, 'There are too many locks');
    const lock = { token: `urn:uuid:${randomUUID()}`, key: keyOf(names), names, deep, exclusive, owner };
    this.#locks.set(lock.token, lock);
    return this.refresh(lock, timeout);
  }

  refresh(lock, timeout) {
    lock.timeout = timeout;
    lock.until = Date.now() + timeout * 1000;
    return lock;
  }

  remove(token, names) {
    const lock = this.#locks.get(token);
    if (lock === undefined || !covers(lock, keyOf(names)))
      throw new Refusal(409, 'There is no such lock here');
    this.#locks.delete(token);
  }

  /** What was there is gone, and so are its locks. */
  forget(names) {
    for (const { token, key } of [...this.on(names), ...this.beneath(names)]) {
      if (key === keyOf(names) || key.startsWith(`${keyOf(names)}/`)) this.#locks.delete(token);
    }
  }

  #live() {
    for (const { token, until } of this.#locks.values()) {
      if (until < Date.now()) this.#locks.delete(token);
    }
    return [...this.#locks.values()];
  }
}

/** `Second-604800`, or the day that is the longest here. */
export function timeoutOf(header) {
  const seconds = Number(/Second-(\d{1,9})/i.exec(header ?? '')?.[1] ?? longest);
  return Math.min(Math.max(seconds, 1), longest);
}
