/** What native/file/ offers. */

import type { NativeRefusal } from './refusal.js';

/** The keys by which native/ names the failures of a file. */
export type NativeFailure =
  | 'systemCall'
  | 'isDirectory'
  | 'notAFile'
  | 'notReadable'
  | 'badDescriptor'
  | 'changed'
  | 'writer'
  | 'range'
  | 'limit'
  | 'io'
  | 'kernelStopped'
  | 'aborted';

/** Why there is no value of a file. */
export type NativeFileRefusal = NativeRefusal<NativeFailure>;

/** A file under a read lease where one is to be had. */
export interface NativeSource {
  fd: number;
  /** Somebody waits to write to it, until it is closed. */
  broken(): boolean;
  /** What has changed since it was opened, if anything. */
  confirm(done: (changed?: NativeFileRefusal) => void): void;
  close(): void;
}

/** It is closed by `closeFile`, when the handle is collected, or when its thread ends. */
export type NativeDescriptor = readonly [handle: object, fd: number];

/** The keys by which native/file/ names the failures of staged files. */
export type NativeStagingFailure =
  | 'systemCall'
  | 'isDirectory'
  | 'notAFile'
  | 'noRoot'
  | 'reserved'
  | 'exists'
  | 'differs'
  | 'otherDevice'
  | 'busy'
  | 'noCondition'
  | 'changed'
  | 'limit'
  | 'io';

export interface NativeStagingRefusal extends NativeRefusal<NativeStagingFailure> {
  /** Of two names it is the second one's. */
  atTarget?: boolean;
}

/** dev, inode, size in bytes, mtime in ns: an array, because an object's names would cost more than the rest. */
export type NativeIdentity = readonly [dev: bigint, ino: bigint, size: bigint, mtimeNs: bigint];

/** A file without its name, open for reading and writing. */
export type NativeStaged = readonly [
  handle: NativeStagedHandle,
  fd: number,
  /** The file that has the destination's name, and a descriptor of it (O_PATH). */
  existing: readonly [fd: number, NativeIdentity, mode: number, uid: number, gid: number] | undefined,
  /** The new file, if it was given its content. */
  written: NativeIdentity | undefined,
];

export type NativeStagedHandle = object & { readonly staged: unique symbol };

export interface NativeFiles {
  /** O_CREAT makes it as the umask lets it. */
  openFile(path: Uint8Array, flags: number, done: (file: NativeDescriptor | NativeFileRefusal) => void): void;
  /**
   * Neither through symbolic links nor out of `root`, unless that is empty; one at the end is not followed either.
   *
   * @param path with a slash at its end it leads to a folder
   */
  openBeneath(
    root: string,
    path: string,
    flags: number,
    done: (file: NativeDescriptor | NativeStagingRefusal) => void,
  ): void;
  closeFile(handle: object, done: () => void): void;
  openSource(path: string | number, done: (source: NativeSource | NativeFileRefusal) => void): void;
  /** The next stretch of data at or behind an offset, in bytes; undefined where nothing but a hole is left. */
  nextData(
    fd: number,
    from: number,
    done: (range: { start: number; end: number } | undefined | NativeFileRefusal) => void,
  ): void;
  /** The content is made up as it is read (/proc, /sys), so the size says nothing. */
  isGenerated(fd: number): boolean;
  /** Nanoseconds since 1970. */
  setTimes(fd: number, atimeNs: bigint, mtimeNs: bigint): NativeRefusal | undefined;
  /** Takes one file out of the page cache, after writing it back. */
  dropFromPageCache(fd: number): NativeRefusal | undefined;
  /** How much of a file the page cache holds, in bytes. */
  residentBytes(fd: number): number | NativeRefusal;
  /** Makes a file in the folder of `path`, which is resolved beneath `root` unless that is empty, and writes `content`. */
  stage(
    root: string,
    path: string,
    mode: number,
    content: Uint8Array | undefined,
    done: (result: NativeStaged | NativeStagingRefusal) => void,
  ): void;
  /**
   * Closes everything, unless others have the folder locked: `busy`.
   *
   * @param replace 0: any, 1: nothing, 2: the one that had the name at first
   * @param attributes set before the file has its name
   * @param version if the file is another by then, it is not published
   * @param keepExcept the user attributes of the file replaced are kept, but for these, or that begin with one that ends
   * with a dot; undefined: none is kept
   * @param lastTry what has no condition (0, 1) is not `busy`, but goes on without the lock
   */
  publishStaged(
    handle: NativeStagedHandle,
    replace: number,
    sync: boolean,
    attributes: readonly (readonly [name: string, value: Uint8Array])[],
    version: readonly [size: bigint, mtimeNs: bigint] | undefined,
    keepExcept: readonly string[] | undefined,
    lastTry: boolean,
    done: (result: readonly [NativeIdentity, replaced: boolean] | NativeStagingRefusal) => void,
  ): void;
  /** Without `done` at once, for a process that is ending. */
  discardStaged(handle: NativeStagedHandle, done?: () => void): void;
  /** @param expected only this one is removed */
  removeNamed(
    root: string,
    path: string,
    expected: NativeIdentity | undefined,
    done: (refusal: NativeStagingRefusal | undefined) => void,
  ): void;
  /**
   * @param expected only this one is moved
   * @param replace 0: any, 1: nothing, 2: `replaced`
   * @param lastTry as in publishStaged
   */
  moveNamed(
    root: string,
    path: string,
    toRoot: string,
    toPath: string,
    expected: NativeIdentity | undefined,
    replace: number,
    replaced: NativeIdentity | undefined,
    lastTry: boolean,
    done: (refusal: NativeStagingRefusal | undefined) => void,
  ): void;
  /** Locks an open folder (flock) until the descriptor is closed. */
  lockFolder(fd: number, done: (refusal: NativeStagingRefusal | undefined) => void): void;
  /** The names of a file's extended attributes, each ended by NUL. */
  listAttributes(fd: number): Promise<Buffer | NativeRefusal>;
  getAttribute(fd: number, name: string): Promise<Buffer | NativeRefusal>;
  setAttribute(fd: number, name: string, value: Uint8Array): Promise<NativeRefusal | undefined>;
  removeAttribute(fd: number, name: string): Promise<NativeRefusal | undefined>;
}
