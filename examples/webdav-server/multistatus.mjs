// SPDX-License-Identifier: Apache-2.0
// Answers whose length nobody knows, sent as they come: what is in memory is one part, however many there are.

import { once } from 'node:events';
import { STATUS_CODES } from 'node:http';
import { DAV, element } from './xml.mjs';

/** How long a client may read nothing, in ms. */
const patience = 120_000;

/**
 * Answers with all parts, at the client's pace. Asks for no more of them once the client has left. What is thrown
 * before the first has come can still be answered with a status.
 */
export async function sendParts(response, status, type, parts) {
  const begin = () => response.writeHead(status, { 'Content-Type': `${type}; charset=utf-8` });
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  for await (const part of parts) {
    if (response.destroyed) return;
    if (!response.headersSent) begin();
    if (response.write(part)) continue;
    const timer = setTimeout(() => response.destroy(), patience);
    await once(response, 'drain', { signal: gone.signal }).catch(() => {}); // or it has left
    clearTimeout(timer);
  }
  if (!response.headersSent) begin();
  response.end();
}

async function* document(responses) {
  let start = '<?xml version="1.0" encoding="utf-8"?>\n<D:multistatus xmlns:D="DAV:">';
  for await (const each of responses) {
    yield start + each;
    start = '';
  }
  yield `${start}</D:multistatus>`;
}

/** @param responses the elements, of which there is at least one */
export function sendMultistatus(response, responses) {
  return sendParts(response, 207, 'application/xml', document(responses));
}

const statusOf = (status) => `<D:status>HTTP/1.1 ${status} ${STATUS_CODES[status]}</D:status>`;

/** @param content of propstat elements; a status alone where it can't be told of any property */
export function responseFor(href, content) {
  const inside = typeof content === 'number' ? statusOf(content) : content;
  return `<D:response><D:href>${href}</D:href>${inside}</D:response>`;
}

/** @param error the name of the condition that was not met, if it has one (RFC 4918, 16) */
export function propstat(status, content, error) {
  const why = error === undefined ? '' : `<D:error>${element({ namespace: DAV, name: error })}</D:error>`;
  return `<D:propstat><D:prop>${content}</D:prop>${statusOf(status)}${why}</D:propstat>`;
}
