/** Walks a tree through descriptors: what is renamed or linked meanwhile leads nowhere outside of it. */

import { constants, readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { leadsNowhere } from '../errors/errno.js';
import { SluiceError } from '../errors/errors.js';
import { type FileHandle, open } from '../files/open-file.js';
import { folderFailure, openFailure, openToRead } from '../files/xattr/open.js';
import { withoutProc } from '../system/policy.js';

/**
 * Where a walk has come to: names from the tree's root on, a byte of theirs being a character, because names need not be
 * UTF-8.
 */
export type Position = readonly string[];

/** Sorts behind every name: what is below a folder that could not be read. */
const behindAll = '\u0100';

interface Place {
  /** With the tree's own path, for people. */
  readonly path: string;
  readonly position: Position;
}

/** A file of a tree, open, or what could not be opened. */
export type Found = Place &
  (
    | {
        readonly handle: FileHandle;
        /** It was found in this folder, which the walk closes. */
        readonly folder: FileHandle;
        /** When the folders on the way to it changed last, the tree's own first: in nanoseconds since 1970. */
        readonly folders: readonly bigint[];
        readonly error?: never;
      }
    | {
        readonly error: SluiceError;
        readonly handle?: never;
        readonly folder?: never;
        readonly folders?: never;
      }
  );

export interface WalkOptions {
  /** Begins behind this position of an earlier walk. */
  after?: Position;
  /** Stays out of what is mounted in the tree. */
  oneFileSystem?: boolean;
  /** The tree's own folder, which is closed at the end. */
  opened?: FileHandle | undefined;
  /** Asked of the tree's own folder once it is open: nothing is walked if it is another than was meant. */
  accepts?: (folder: FileHandle) => boolean;
}

interface Entry {
  name: string;
  isDirectory: boolean;
}

/** A folder on the way from the root to where the walk is. */
interface Level {
  name: string;
  handle: FileHandle;
  /** When it changed last, as it was before it was read. */
  ctimeNs?: bigint;
  /** Where in this folder the walk begins, unless at its beginning. */
  first: string | undefined;
  /** What is still to come, the last first; none before the folder is read. */
  entries?: Entry[];
}

/** A name in an open folder, as openat(2) would take it. */
function within(folder: FileHandle, name: string): Buffer {
  return Buffer.concat([Buffer.from(`/proc/self/fd/${folder.fd}/`), Buffer.from(name, 'latin1')]);
}

/** How many folders, each in another, may be open at once: half the descriptors are for who takes the files. */
function mostLevels(): number {
  let limits = '';
  try {
    limits = readFileSync('/proc/self/limits', 'latin1');
  } catch (error) {
    throw withoutProc('A tree can be walked', error) ?? openFailure(error, '/proc/self/limits');
  }
  const [, files] = /^Max open files +(\d+)/m.exec(limits) ?? [];
  return files === undefined ? Number.POSITIVE_INFINITY : Math.floor(Number(files) / 2);
}

/** What there is to take in a folder, the last first; nothing if it is not on the device. */
async function list(level: Level, device: bigint | undefined): Promise<Entry[]> {
  const { handle, first } = level;
  const { dev, ctimeNs } = await handle.stat({ bigint: true });
  level.ctimeNs = ctimeNs;
  if (device !== undefined && dev !== device) return [];
  const entries = await readdir(within(handle, ''), { withFileTypes: true, encoding: 'buffer' });
  // By bytes: an order that every walk of the tree shares, whatever the file system's own is.
  return entries
    .filter((entry) => entry.isFile() || entry.isDirectory())
    .map((entry) => ({ name: entry.name.toString('latin1'), isDirectory: entry.isDirectory() }))
    .filter(({ name }) => first === undefined || name >= first)
    .sort((a, b) => (a.name < b.name ? 1 : -1));
}

function tooDeep(path: string): SluiceError {
  const reason = `${path} lies in more folders than half the number of files that may be open`;
  return new SluiceError('ERR_SLUICE_LIMIT', reason, { path });
}

/** A folder whose content is passed over, by a walk from this position on too. */
function unread({ path, position }: Place, error: SluiceError): Found {
  return { path, position: [...position, behindAll], error };
}

/**
 * The regular files of a tree in an order of its own that does not change, each open; who takes one closes it. Links are
 * not followed.
 */
export async function* walk(
  folder: string | Buffer,
  { after = [], oneFileSystem = false, opened, accepts = () => true }: WalkOptions = {},
): AsyncGenerator<Found, void, undefined> {
  if (after[0] === behindAll) return;
  const root = folder.toString();
  let handle: FileHandle;
  try {
    handle = opened ?? (await open(folder, constants.O_RDONLY | constants.O_DIRECTORY));
  } catch (error) {
    yield unread(
      { path: root, position: [] },
      folderFailure(error, root, 'Name a folder; single files are for `sluice attr verify`.'),
    );
    return;
  }
  // Whoever makes folders decides how deep they are: no call in a call for each, and no path before it is told.
  const top: Level = { name: '', handle, first: after[0] };
  const levels = [top];
  const placeOf = (...names: string[]): Place => {
    const position = [...levels.slice(1).map(({ name }) => name), ...names];
    return { path: join(root, Buffer.from(position.join('/'), 'latin1').toString()), position };
  };
  try {
    if (!accepts(handle)) return;
    const most = mostLevels();
    const device = oneFileSystem ? (await top.handle.stat({ bigint: true })).dev : undefined;
    for (let level: Level | undefined = top; level; level = levels.at(-1)) {
      try {
        level.entries ??= await list(level, device);
      } catch (error) {
        level.entries = [];
        const place = placeOf();
        yield unread(place, openFailure(error, place.path));
      }
      const entry = level.entries.pop();
      if (!entry) {
        await level.handle.close();
        levels.pop();
        continue;
      }
      const { name, isDirectory } = entry;
      const isFirst = name === level.first;
      const next = isFirst ? after[levels.length] : undefined;
      if (isFirst && next === (isDirectory ? behindAll : undefined)) continue;
      if (isDirectory && levels.length >= most) {
        const place = placeOf(name);
        yield unread(place, tooDeep(place.path));
        continue;
      }
      let handle: FileHandle;
      try {
        handle = await openToRead(within(level.handle, name), isDirectory ? constants.O_DIRECTORY : 0);
      } catch (error) {
        if (leadsNowhere(error)) continue; // gone, or a link by now
        const place = placeOf(name);
        const failure = openFailure(error, place.path);
        yield isDirectory ? unread(place, failure) : { ...place, error: failure };
        continue;
      }
      if (isDirectory) levels.push({ name, handle, first: next });
      else {
        const folders = levels.map(({ ctimeNs = 0n }) => ctimeNs);
        yield { ...placeOf(name), handle, folder: level.handle, folders };
      }
    }
  } finally {
    for (const { handle } of levels) await handle.close();
  }
}
