// SPDX-License-Identifier: Apache-2.0
// Write locks (RFC 4918, 6 and 7), kept in memory: they end with the server, at the latest after a day.

import { randomUUID } from 'node:crypto';
import { Refusal, Unmet } from './refusal.mjs';
import { pathOf } from './tree.mjs';

/** How long a lock lasts, in seconds. */
export const longest = 24 * 60 * 60;
const most = 10_000;
/** That PROPFIND tells of one file or folder, and of what an owner says of himself, in bytes. */
const mostOfOne = 32;
const longestOwner = 1024;

const keyOf = (names) => names.map((name) => `/${name}`).join('');

/** The keys of what the names lead to and of all folders on the way. */
function keysOf(names) {
  const keys = [''];
  for (const name of names) keys.push(`${keys.at(-1)}/${name}`);
  return keys;
}

export class Locks {
  #byToken = new Map();
  /** The locks on each name: a listing asks for those of every member. */
  #byKey = new Map();

  /** Those that hold now for what the names lead to. */
  on(names) {
    if (this.#byKey.size === 0) return [];
    const own = keyOf(names);
    return keysOf(names).flatMap((key) => this.#at(key).filter((lock) => lock.deep || key === own));
  }

  /** Those on something beneath. */
  beneath(names) {
    const path = `${keyOf(names)}/`;
    return [...this.#byKey.keys()].filter((key) => key.startsWith(path)).flatMap((key) => this.#at(key));
  }

  create(names, { deep, exclusive, owner, timeout }) {
    const others = deep ? [...this.on(names), ...this.beneath(names)] : this.on(names);
    const other = others.find((each) => exclusive || each.exclusive);
    if (other !== undefined) throw new Unmet(423, 'It is locked', 'no-conflicting-lock', [other.href]);
    if (Buffer.byteLength(owner) > longestOwner)
      throw new Refusal(413, `The owner has more than ${longestOwner} bytes`);
    if (others.length >= mostOfOne) throw new Refusal(507, 'There are too many locks on it, or in it');
    if (this.#byToken.size >= most) this.beneath([]); // forgets those whose time is over
    if (this.#byToken.size >= most) throw new Refusal(507, 'There are too many locks');
    const lock = {
      token: `urn:uuid:${randomUUID()}`,
      key: keyOf(names),
      href: pathOf(names) || '/',
      deep,
      exclusive,
      owner,
    };
    this.#byToken.set(lock.token, lock);
    this.#byKey.set(lock.key, [...(this.#byKey.get(lock.key) ?? []), lock]);
    return this.refresh(lock, timeout);
  }

  refresh(lock, timeout) {
    lock.timeout = timeout;
    lock.until = Date.now() + timeout * 1000;
    return lock;
  }

  remove(token, names) {
    const lock = this.on(names).find((each) => each.token === token);
    if (lock === undefined)
      throw new Unmet(409, 'There is no such lock here', 'lock-token-matches-request-uri');
    this.#forget([lock]);
  }

  /** What was there is gone, and so are its locks. */
  forget(names) {
    this.#forget([...this.#at(keyOf(names)), ...this.beneath(names)]);
  }

  /** The locks on one name. Those whose time is over are forgotten. */
  #at(key) {
    const now = Date.now();
    const locks = this.#byKey.get(key) ?? [];
    const over = locks.filter(({ until }) => until < now);
    this.#forget(over);
    return over.length === 0 ? locks : locks.filter((lock) => !over.includes(lock));
  }

  #forget(locks) {
    for (const { token, key } of locks) {
      this.#byToken.delete(token);
      const others = this.#byKey.get(key).filter((lock) => lock.token !== token);
      if (others.length > 0) this.#byKey.set(key, others);
      else this.#byKey.delete(key);
    }
  }
}
