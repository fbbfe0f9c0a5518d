/** Walks a tree through descriptors: what is renamed or linked meanwhile leads nowhere outside of it. */

import { constants, type Dirent } from 'node:fs';
import { type FileHandle, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { SluiceError } from '../errors.js';
import { openFailure, openToRead } from './open.js';

/**
 * Where a walk has come to: names from the tree's root on, a byte of theirs being a character, because names need not be
 * UTF-8.
 */
export type Position = readonly string[];

/** Sorts behind every name: what is below a folder that could not be read. */
const behindAll = '\u0100';

/** A file of a tree, open, or what could not be opened. */
export type Found = {
  /** With the tree's own path, for people. */
  readonly path: string;
  readonly position: Position;
} & (
  | { readonly handle: FileHandle; readonly error?: never }
  | { readonly error: SluiceError; readonly handle?: never }
);

export interface WalkOptions {
  /** Begins behind this position of an earlier walk. */
  after?: Position;
  /** Stays out of what is mounted in the tree. */
  oneFileSystem?: boolean;
}

interface Folder {
  handle: FileHandle;
  path: string;
  position: Position;
}

/** What was there when its folder was read, and is gone, or is a link by now. */
const vanished = new Set(['ENOENT', 'ENOTDIR', 'ELOOP']);

/** A name in an open folder, as openat(2) would take it. */
function within(folder: FileHandle, name: string): Buffer {
  return Buffer.concat([Buffer.from(`/proc/self/fd/${folder.fd}/`), Buffer.from(name, 'latin1')]);
}

async function* descend(
  folder: Folder,
  after: Position,
  device: number | undefined,
): AsyncGenerator<Found, void, undefined> {
  let entries: Dirent<Buffer>[];
  try {
    entries = await readdir(within(folder.handle, ''), { withFileTypes: true, encoding: 'buffer' });
  } catch (error) {
    const { path, position } = folder;
    yield { path, position: [...position, behindAll], error: openFailure(error, path) };
    return;
  }
  // By bytes: an order that every walk of the tree shares, whatever the file system's own is.
  const names = entries
    .filter((entry) => entry.isFile() || entry.isDirectory())
    .map((entry) => ({ name: entry.name.toString('latin1'), isDirectory: entry.isDirectory() }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const [first] = after;
  for (const { name, isDirectory } of names) {
    if (first !== undefined && name < first) continue;
    const left = name === first ? after.slice(1) : [];
    const position = [...folder.position, name];
    const path = join(folder.path, Buffer.from(name, 'latin1').toString());
    const done = isDirectory ? left[0] === behindAll : left.length === 0;
    if (name === first && done) continue;
    let handle: FileHandle;
    try {
      handle = await openToRead(within(folder.handle, name), isDirectory ? constants.O_DIRECTORY : 0);
    } catch (error) {
      if (vanished.has((error as NodeJS.ErrnoException).code ?? '')) continue;
      const end = isDirectory ? [...position, behindAll] : position;
      yield { path, position: end, error: openFailure(error, path) };
      continue;
    }
    if (!isDirectory) {
      yield { path, position, handle };
      continue;
    }
    try {
      if (device !== undefined && (await handle.stat()).dev !== device) continue;
      yield* descend({ handle, path, position }, left, device);
    } finally {
      await handle.close();
    }
  }
}

/**
 * The regular files of a tree in an order of its own that does not change, each open; who takes one closes it. Links are
 * not followed.
 *
 * @throws SluiceError where the root can't be opened as a folder
 */
export async function* walk(
  root: string,
  { after = [], oneFileSystem = false }: WalkOptions = {},
): AsyncGenerator<Found, void, undefined> {
  let handle: FileHandle;
  try {
    handle = await open(root, constants.O_RDONLY | constants.O_DIRECTORY);
  } catch (error) {
    throw openFailure(error, root);
  }
  try {
    const device = oneFileSystem ? (await handle.stat()).dev : undefined;
    yield* descend({ handle, path: root, position: [] }, after, device);
  } finally {
    await handle.close();
  }
}
