#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// A WebDAV server that knows the checksum of every file it stores. Until Ctrl-C. It needs saxes: npm install saxes

import { statSync } from 'node:fs';
import { createServer, STATUS_CODES } from 'node:http';
import { parseArgs } from 'node:util';
import { loadAndDropCapabilities } from 'sluice';
import { itsTurn, markFlow, problemOf, refuse } from 'sluice/http';
import { copyTo, moveTo } from './copymove.mjs';
import { lock, unlock } from './locking.mjs';
import { Locks } from './locks.mjs';
import { propfind } from './propfind.mjs';
import { proppatch } from './proppatch.mjs';
import { allowed, get, options } from './reading.mjs';
import { Refusal, statusOf, Unmet } from './refusal.mjs';
import { hostOf, namesOfTarget } from './urls.mjs';
import { makeCollection, put, remove } from './writing.mjs';
import { DAV, element } from './xml.mjs';

const usage = `Usage: server.mjs --root DIR [--port N] [--host ADDRESS] [--public-url URL]... [--flowd PIPE]

Serves the files in DIR by WebDAV, with their checksums, to whoever can reach it:
there are no users and no passwords. Symbolic links in DIR are not followed.

  --root DIR        the folder to serve; on ext4, xfs or another file system with user attributes
  --port N          default: 8080; 0 takes a free one
  --host ADDRESS    default: 127.0.0.1
  --public-url URL  how clients call the server, where a proxy in front changes the field Host; may be
                    given several times. A Destination that begins with it is on this server.
  --flowd PIPE      tell flowd of transfers that have a SciTag
  --help
`;

const methods = {
  OPTIONS: options,
  GET: get,
  HEAD: get,
  PUT: put,
  DELETE: remove,
  MKCOL: makeCollection,
  COPY: copyTo,
  MOVE: moveTo,
  PROPFIND: propfind,
  PROPPATCH: proppatch,
  LOCK: lock,
  UNLOCK: unlock,
};

/** The host in a public URL. Paths stay as they are, so it has none. */
function publicHost(url) {
  const [, authority] = /^https?:\/\/([^/?#@]+)\/?$/i.exec(url) ?? [];
  if (authority === undefined)
    throw new TypeError(`"${url}" is no public URL: one is like https://dav.example.org, without a path`);
  return hostOf(authority);
}

function readOptions() {
  const text = { type: 'string' };
  const { values } = parseArgs({
    options: {
      root: text,
      port: text,
      host: text,
      'public-url': { ...text, multiple: true },
      flowd: text,
      help: { type: 'boolean' },
    },
  });
  if (values.help) return undefined;
  if (values.root === undefined) throw new TypeError('--root is missing: which folder is to be served?');
  if (!statSync(values.root, { throwIfNoEntry: false })?.isDirectory())
    throw new TypeError(`"${values.root}" is no folder`);
  const port = Number(values.port ?? 8080);
  if (!Number.isInteger(port) || port < 0 || port > 65535) throw new TypeError(`"${values.port}" is no port`);
  return {
    root: values.root,
    port,
    host: values.host ?? '127.0.0.1',
    hosts: (values['public-url'] ?? []).map(publicHost),
    flowd: values.flowd,
  };
}

function conditionOf({ condition, hrefs }) {
  const inside = hrefs.map((href) => element({ namespace: DAV, name: 'href' }, href)).join('');
  const unmet = element({ namespace: DAV, name: condition }, inside);
  return `<?xml version="1.0" encoding="utf-8"?>\n<D:error xmlns:D="DAV:">${unmet}</D:error>`;
}

/** What went wrong, as far as it concerns the client: { status, headers, body }. */
function answerTo(error) {
  if (error instanceof Refusal) {
    const { status, message } = error;
    const body = error instanceof Unmet ? conditionOf(error) : `${STATUS_CODES[status]}: ${message}.\n`;
    const type = body.startsWith('<') ? 'application/xml' : 'text/plain';
    const headers = { 'Content-Type': `${type}; charset=utf-8` };
    if (status === 405) headers.Allow = allowed;
    if (status === 408) headers.Connection = 'close';
    return { status, headers, body };
  }
  const problem = problemOf(error);
  const status = statusOf(error);
  if (status === problem.status) return problem;
  const headers = {
    'Content-Type': 'text/plain; charset=utf-8',
    ...(status === 503 && { 'Retry-After': '5' }),
  };
  return { status, headers, body: `${STATUS_CODES[status]}.\n`, fault: status >= 500 };
}

async function serve(state, request, response) {
  // A client that sends several requests at once means them to be done one after the other.
  if (!(await itsTurn(response))) return;
  const handle = Object.hasOwn(methods, request.method) ? methods[request.method] : undefined;
  try {
    if (handle === undefined) throw new Refusal(405, `${request.method} is not served`);
    if (state.flowd !== undefined) markFlow(state.flowd, request, response);
    await handle({ ...state, request, response, names: namesOfTarget(request) });
  } catch (error) {
    const answer = answerTo(error);
    // What a client that has left causes: reading a body fails with ECONNRESET, and a copy is abandoned.
    if (answer.fault && !['ECONNRESET', 'ERR_SLUICE_ABORTED'].includes(error.code)) console.error(error);
    refuse(response, answer);
  }
}

async function main() {
  let wanted;
  try {
    wanted = readOptions();
  } catch (error) {
    process.stderr.write(`${error.message}\n\n${usage}`);
    process.exitCode = 2;
    return;
  }
  if (wanted === undefined) return void process.stdout.write(usage);
  const { root, port, host, hosts, flowd } = wanted;
  loadAndDropCapabilities();
  const state = { root, hosts, flowd, locks: new Locks() };
  // By default Node ends a request that takes more than five minutes: a large file on a slow line.
  const server = createServer(
    { requestTimeout: 0 },
    (request, response) => void serve(state, request, response),
  );
  // PUT says itself when the body may come: not before its conditions hold. What is not served wants none.
  server.on('checkContinue', (request, response) => {
    if (request.method !== 'PUT' && Object.hasOwn(methods, request.method)) response.writeContinue();
    void serve(state, request, response);
  });
  server.listen(port, host, () => {
    const { address, port: taken } = server.address();
    console.log(`Serving ${root} at http://${address.includes(':') ? `[${address}]` : address}:${taken}/`);
  });
  server.on('error', (error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.once(signal, () => {
      server.close();
      server.closeIdleConnections();
    });
  }
}

await main();
