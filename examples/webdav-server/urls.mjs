// SPDX-License-Identifier: Apache-2.0
// The URLs of a request: its target, and those in its fields.

import { Refusal } from './refusal.mjs';
import { namesOf } from './tree.mjs';

/** An absolute URL of HTTP's or a path, which may begin with two slashes; a query, which means nothing; no fragment. */
const form = /^(?:https?:\/\/([^/?#]*)(?=[/?]|$)|(?=\/))([^?#]*)(?:\?[^#]*)?$/i;

/** Node has each byte as a character. Clients that don't encode a path send UTF-8. */
function decoded(text) {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(text, 'latin1'));
  } catch {
    throw new Refusal(400, 'The URL is neither encoded nor UTF-8');
  }
}

function partsOf(url) {
  const [match, authority, path] = form.exec(decoded(url)) ?? [];
  if (match === undefined || authority === '') throw new Refusal(400, 'It is no URL that can be here');
  return { authority, path };
}

/** The names that a request's target leads to. */
export function namesOfTarget({ method, url }) {
  // The whole server (RFC 9110, 9.3.7).
  if (url === '*' && method === 'OPTIONS') return [];
  return namesOf(partsOf(url).path);
}

/** A default port is the same as none: whether a proxy in front has taken off TLS is not known here. */
export function hostOf(authority) {
  return authority
    .toLowerCase()
    .replace(/^[^@]*@/, '')
    .replace(/:(?:80|443)?$/, '');
}

/**
 * The names that a URL in a field leads to; undefined for one of another server (RFC 4918, 8.3 and 10.3).
 *
 * @param context has in `hosts` how clients call the server, besides what the request itself says
 */
export function namesOfUrl(url, { request, hosts }) {
  if (/^(?!https?:)[a-z][a-z0-9+.-]*:/i.test(url)) return undefined;
  const { authority, path } = partsOf(url);
  if (authority === undefined) return namesOf(path);
  // What the target says goes before Host (RFC 9112, 3.2.2).
  const own = partsOf(request.url).authority ?? request.headers.host ?? '';
  return [hostOf(own), ...hosts].includes(hostOf(authority)) ? namesOf(path) : undefined;
}
