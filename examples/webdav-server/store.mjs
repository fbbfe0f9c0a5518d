// SPDX-License-Identifier: Apache-2.0
// Files and their checksums: how they come, go, and are copied.

import { constants } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { copyFile, SluiceError } from 'sluice';
import { receive } from 'sluice/http';
import { readChecksums } from 'sluice/xattr';
import { hiddenBeside, withFolderOf } from './tree.mjs';

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

const mostTries = 20;

/**
 * Copies a file with its properties, to a name that is free. Of an original that is rotten, or that somebody writes to, no
 * copy is made. If it is replaced, or gets other properties, while it is copied, what has the name then is copied.
 */
export async function copyStored(from, to, signal) {
  for (let tries = 1; ; tries++) {
    try {
      return await copyOnce(from, to, signal);
    } catch (error) {
      if (error.code !== 'ERR_SLUICE_CHANGED' || tries === mostTries) throw error;
    }
  }
}

async function copyOnce(from, to, signal) {
  const source = await open(from, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    await withFolderOf(to, async (folder) => {
      // Not at once by its own name, which need not be UTF-8.
      const made = hiddenBeside(`${folder}/copy`);
      await copyFile(source, made, { algorithms, profiles, keep: ['xattrs'], signal });
      await rename(made, to).catch(async (error) => {
        await rm(made, { force: true });
        throw error;
      });
    });
  } catch (error) {
    // Of a file that is handed over open it can't say which it is.
    if (error instanceof SluiceError && error.path === undefined) Object.assign(error, { path: `${from}` });
    throw error;
  } finally {
    await source.close();
  }
}
