// SPDX-License-Identifier: Apache-2.0
// Files and their checksums: how they come, go, and are copied.

import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { SluiceError } from 'sluice';
import { receive } from 'sluice/http';
import { relay } from 'sluice/relay';
import {
  expectedChecksums,
  readChecksums,
  readStanding,
  storeChecksums,
  verifyChecksums,
} from 'sluice/xattr';
import { copyAttributes } from './dead.mjs';

const algorithms = ['adler32', 'crc32c'];

/** Our own form, which tells a change of the file, and those that StoRM and XRootD read. */
const profiles = ['sluice', 'storm', 'xrdcks'];

/** Takes a PUT's body, to the name that `replace` may have. What to answer: { status, fields }. */
export function receiveFile({ root, request, response }, names, replace) {
  // HTTP/1.0 knows no such answer: a client would take it for the last one (RFC 9110, 10.1.1).
  const waits = 'expect' in request.headers && request.httpVersion !== '1.0';
  const proceed = waits ? () => response.writeContinue() : undefined;
  return receive(request, { root, path: names.join('/') }, { algorithms, profiles, proceed, replace });
}

/** What is known of the file as it is now, by algorithm: { value, hex }. */
export async function storedChecksums({ fd }) {
  const stored = await readChecksums(fd, { profiles: ['sluice'] });
  return Object.fromEntries(
    stored
      .filter(({ state }) => state === 'fresh')
      .map(({ algorithm, value, hex }) => [algorithm, { value, hex }]),
  );
}

/** Whether it was found rotten; what only this process remembers of that, it verifies once the file was touched. */
async function isRotten({ fd }) {
  if ((await readStanding(fd)).touched) await verifyChecksums(fd);
  return (await readStanding(fd)).rot !== undefined;
}

/** Copies a file with its properties, to a name that is free. What arrives must have the checksums that the original was stored with. */
export async function copyFile(from, to, signal) {
  const source = await open(from, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    if (await isRotten(source)) {
      const found = `${from} was found rotten, and has not changed since`;
      throw new SluiceError('ERR_SLUICE_CORRUPT', found, { path: from, repeated: true }); // who found it has told of it
    }
    const copy = await open(to, 'wx+');
    try {
      const expected = await expectedChecksums(source.fd);
      const all = [...new Set([...algorithms, ...expected.keys()])];
      const { checksums } = await relay(source, copy, { algorithms: all, signal });
      const differs = expected.keys().find((name) => expected.get(name) !== checksums.get(name));
      if (differs) {
        const [is, was] = [checksums.hex(differs), expected.hex(differs)];
        const reason = `${differs} of the original is ${is}, but ${was} was stored`;
        const { verdict } = await verifyChecksums(source.fd); // marks it, unless it is the copy that is wrong
        const code = verdict === 'rot' ? 'ERR_SLUICE_CORRUPT' : 'ERR_SLUICE_IO';
        throw new SluiceError(code, reason, { path: from });
      }
      await copyAttributes(source, copy);
      await storeChecksums(copy.fd, checksums.only(algorithms), { profiles, origin: 'written' });
    } finally {
      await copy.close();
    }
  } finally {
    await source.close();
  }
}
