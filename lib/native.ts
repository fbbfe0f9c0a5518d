/** The whole native surface, and the one place that loads it. */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Capability } from './capabilities.js';
import { SluiceError } from './errors/errors.js';
import type { NativeLibbpf } from './libbpf/native-surface.js';

export type AlgorithmName = 'adler32' | 'crc32' | 'crc32c' | 'crc64nvme';

export interface NativeAlgorithm {
  name: AlgorithmName;
  bits: 32 | 64;
  init: bigint;
}

/** The names of what reduces bytes, in native/engine/backend.h. */
export type NativeBackend = 'userspace' | 'bpf';

/** What a job has measured, and how. */
export interface NativeMeasured {
  values: Partial<Record<AlgorithmName, bigint>>;
  bytes: number;
  backend: NativeBackend;
  fallbackReason?: string;
  fallbackOffset?: number;
  durationNs: number;
}

export interface NativeRequest {
  source: string | number;
  /** Mask: bit n is the n-th of `algorithms()`. None: the bytes are only moved, to see what that costs. */
  algorithms: number;
  /** Where the sum begins. */
  backend: NativeBackend;
  /** Where there are fewer bytes than this to reduce, user space does it in spite of `backend`. */
  backendFrom: number;
  fallback: boolean;
  bypassCache: boolean;
  start: number;
  /** -1: to the end of the file. */
  end: number;
  threads: number;
  pool: number;
}

/** The keys by which native/ names the failures of a file. */
export type NativeFailure =
  | 'notFound'
  | 'badPath'
  | 'isDirectory'
  | 'notAFile'
  | 'notReadable'
  | 'permission'
  | 'badDescriptor'
  | 'changed'
  | 'writer'
  | 'range'
  | 'limit'
  | 'io'
  | 'kernelStopped'
  | 'aborted';

export interface NativeOutcome extends NativeMeasured {
  failure?: NativeFailure;
  errno?: number;
  detail?: string;
  writers: 'none' | 'self' | 'unknown';
  cache: 'used' | 'bypassed' | 'fell-back';
}

/** Why there is no value of a file. */
export type NativeFileRefusal = Pick<NativeOutcome, 'failure' | 'errno' | 'detail'>;

/** A file under a read lease where one is to be had. */
export interface NativeSource {
  fd: number;
  /** Somebody waits to write to it, until it is closed. */
  broken(): boolean;
  /** What has changed since it was opened, if anything. */
  confirm(done: (changed?: NativeFileRefusal) => void): void;
  close(): void;
}

export interface NativeRelayRequest {
  source: number;
  sink: number;
  /** As in NativeRequest. */
  algorithms: number;
  backend: NativeBackend;
  fallback: boolean;
  /** -1: to the end of the source. */
  length: number;
  sourceOffset: number;
  /** In the sink. */
  offset: number;
  pool: number;
}

/** The keys by which native/relay/ names its failures. */
export type NativeRelayFailure =
  | 'badDescriptor'
  | 'notReadable'
  | 'notWritable'
  | 'isDirectory'
  | 'noOffset'
  | 'overlap'
  | 'notAligned'
  | 'truncated'
  | 'disconnected'
  | 'noSpace'
  | 'permission'
  | 'forbidden'
  | 'collided'
  | 'changed'
  | 'io'
  | 'noThread'
  | 'limit'
  | 'kernelStopped'
  | 'aborted';

/** `bytes` are those that reached the sink. */
export interface NativeRelayOutcome extends NativeMeasured {
  failure?: NativeRelayFailure;
  errno?: number;
  /** Which end it was, 'source' or 'sink', or what happened. */
  detail?: string;
  /** After a failure: from the source, where a length was asked for. */
  taken?: number;
  measured: 'stored' | 'in-flight';
}

export interface NativeJob {
  cancel(): void;
  /** Reduced, or moved, so far. */
  bytes(): number;
}

export interface NativeRelayJob extends NativeJob {
  /** For a peer: neither for a disk nor for a thread. */
  waits(): boolean;
}

export interface NativeCalibration {
  /** 0: found. Positive: the program's own code. Negative: -errno. */
  status: number;
  bias: bigint;
  shift: number;
  poisonedMask: bigint;
  tries: number;
}

/** The keys by which native/file/ names those of staged files, its its failures. */
export type NativeStagingFailure =
  | 'notFound'
  | 'permission'
  | 'badDescriptor'
  | 'isDirectory'
  | 'notAFile'
  | 'outside'
  | 'reserved'
  | 'exists'
  | 'differs'
  | 'gone'
  | 'otherDevice'
  | 'busy'
  | 'noCondition'
  | 'noSpace'
  | 'tooLong'
  | 'changed'
  | 'attribute'
  | 'limit'
  | 'io';

export interface NativeStagingRefusal {
  failure: NativeStagingFailure;
  errno: number;
  detail: string;
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

/** It is closed by `closeFile`, when the handle is collected, or when its thread ends. */
export type NativeDescriptor = readonly [handle: object, fd: number];

export interface Native extends NativeLibbpf {
  /** Makes a file in the folder of `path`, which is resolved beneath `root` unless that is empty, and writes `content`. */
  stage(
    root: string,
    path: string,
    mode: number,
    content: Uint8Array | undefined,
    done: (result: NativeStaged | NativeStagingRefusal) => void,
  ): void;
  openSource(path: string, done: (source: NativeSource | NativeFileRefusal) => void): void;
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
  checksum(request: NativeRequest, done: (outcome: NativeOutcome) => void): NativeJob;
  relay(request: NativeRelayRequest, done: (outcome: NativeRelayOutcome) => void): NativeRelayJob;
  update(algorithm: number, value: bigint, bytes: Uint8Array): bigint;
  combine(algorithm: number, a: bigint, b: bigint, lengthOfB: bigint): bigint;
  algorithms(): NativeAlgorithm[];
  simdLevel(): string;
  maxThreads: number;
  /** Takes one file out of the page cache, after writing it back. 0 or -errno. */
  dropFromPageCache(fd: number): number;
  /** How much of a file the page cache holds, in bytes, or -errno. */
  residentBytes(fd: number): number;
  /** The next stretch of data at or behind an offset, in bytes; undefined where nothing but a hole is left. */
  nextData(
    fd: number,
    from: number,
    done: (range: { start: number; end: number } | undefined | NativeFileRefusal) => void,
  ): void;
  openFile(path: Uint8Array, flags: number, done: (file: NativeDescriptor | NativeFileRefusal) => void): void;
  closeFile(handle: object, done: () => void): void;
  /** The content is made up as it is read (/proc, /sys), so the size says nothing. */
  isGenerated(fd: number): boolean;
  /** Nanoseconds since 1970. 0 or -errno. */
  setTimes(fd: number, atimeNs: bigint, mtimeNs: bigint): number;
  calibrate(program: number, cookie: Uint8Array, frames: number): NativeCalibration;
  /** What its self-check found wrong, or '', and the error number where that was a system call. */
  installPipeTap(tap: { bind: number; run: number; states: number; slots: number }): {
    wrong: string;
    errno: number;
  };
  pipeTapInstalled(): boolean;
  /** 0 or -errno for each: what came of loading an empty program of the type. */
  probeProgramTypes(types: readonly string[]): number[];
  /** 0 or -errno for each: what came of attaching an empty program. */
  probeHooks(
    hooks: readonly (readonly [kind: 'raw_tracepoint' | 'fentry' | 'kprobe', name: string])[],
  ): number[];
  /** Capabilities that may be asked for before a program of the type is loaded. */
  needsOfProgramType(type: string): Capability[];
  /** The effective capabilities (mask of 1 << CAP_...), or -errno. */
  capabilities(): bigint | number;
  /** The name and the meaning of an error number, as glibc has them. */
  systemError(errno: number): readonly [name: string, text: string] | undefined;
  /** Who refuses a call, which failed with `errno`, whatever its arguments are. */
  refuserOf(call: string, errno: number): 'seccomp' | 'kernel' | undefined;
  /** Takes capabilities (mask of 1 << CAP_...) from every thread. 0 or -errno. */
  dropCapabilities(mask: bigint): number;
  /** The names of a file's extended attributes, each ended by NUL, or -errno. */
  listAttributes(fd: number): Promise<Buffer | number>;
  /** An attribute's value, or -errno. */
  getAttribute(fd: number, name: string): Promise<Buffer | number>;
  /** 0 or -errno. */
  setAttribute(fd: number, name: string, value: Uint8Array): Promise<number>;
  /** 0 or -errno. */
  removeAttribute(fd: number, name: string): Promise<number>;
  /** From now on this process reads and writes disks only while nobody else does. 0 or -errno. */
  setIdleIoPriority(): number;
}

/** What a bundler leaves behind: the addon and the BPF objects are looked for beside the files of this package. */
function bundled(cause?: unknown): SluiceError {
  return new SluiceError(
    'ERR_SLUICE_NO_BINARY',
    'The binary of sluice is not found from here: a bundler has taken the code out of its package',
    {
      remedy:
        'Mark sluice as external (esbuild: --external:sluice; rollup, webpack: externals; vite: ssr.external), and install it beside the bundle.',
      cause,
    },
  );
}

/** Where package.json lies: lib/ and dist/ are both one level below. */
export const packageRoot: string = rootOf(import.meta.url);

function rootOf(url: string | undefined): string {
  // In a bundle of CommonJS there is no such address.
  if (!url) throw bundled();
  const root = fileURLToPath(new URL('..', url));
  try {
    const { name } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { name?: unknown };
    if (name === 'sluice') return root;
  } catch (cause) {
    throw bundled(cause);
  }
  throw bundled();
}

function load(): Native {
  try {
    const find = createRequire(import.meta.url)('node-gyp-build') as (root: string) => Native;
    return find(packageRoot);
  } catch (cause) {
    throw new SluiceError(
      'ERR_SLUICE_NO_BINARY',
      `There is no binary of sluice for ${process.platform}-${process.arch}, or it does not load (${(cause as Error).message.split('\n')[0]})`,
      { cause },
    );
  }
}

export const native: Native = load();
