/** A new file that appears under its name whole or not at all. */

import { bad, flag, oneOf, rejectUnknown } from '../../checksum/options.js';
import { SluiceError } from '../../errors/errors.js';
import {
  type NativeIdentity,
  type NativeStaged,
  type NativeStagedHandle,
  type NativeStagingRefusal,
  native,
} from '../../native/index.js';
import { shown } from '../../shown.js';
import { storeFailure } from '../../system/native-failures.js';
import { checkVersion } from '../xattr/options.js';
import { type FileIdentity, toIdentity } from './file-identity.js';
import { type Attribute, checksumAttributes } from './keep-attributes.js';
import { patience, patiently } from './patience.js';

/**
 * Where a file is to be: a path of the caller's own, or one that came from outside and is resolved beneath a root,
 * neither through symbolic links nor out of it, and without `..`. Slashes it begins with don't lead out.
 */
export type Destination = string | { root: string; path: string };

export interface ExistingFile extends FileIdentity {
  /** Opened with O_PATH: `/proc/self/fd/N` leads to it. Closed with the staged file. */
  fd: number;
  mode: number;
  uid: number;
  gid: number;
}

export interface StagingOptions {
  mode?: number;
  content?: Uint8Array | undefined;
}

export interface PublishOptions {
  /**
   * What may have the destination's name when it is taken: `any` file (default), which is replaced; `nothing`; or only
   * the one in `existing`, unwritten since. Of all who try this at once one succeeds, the others get
   * ERR_SLUICE_PRECONDITION. All of them hold the folder's lock. If others keep it for three seconds, `existing` is given
   * up with ERR_SLUICE_BUSY; the rest go on without after 0.2 seconds.
   */
  replace?: 'any' | 'nothing' | 'existing';
  /**
   * Extended attributes that it gets before it has its name, whatever its mode: one call, where one for each would be
   * waited for.
   */
  attributes?: readonly Attribute[];
  /**
   * Besides, it gets the `user.*` attributes of the file that it replaces, whichever that is by then, except checksums.
   * They are read under the folder's lock. Default: false.
   */
  keep?: boolean;
  /** What the attributes are about. If the file is another by then, it is not published: ERR_SLUICE_CHANGED. */
  version?: { size: bigint; mtimeNs: bigint };
  /** Wait until bytes and name would outlive a power failure. Default: false. */
  sync?: boolean;
}

export interface Published extends FileIdentity {
  /** Whether another file had the name until then. */
  replaced: boolean;
}

function isAttribute(value: unknown): value is Attribute {
  return Array.isArray(value) && typeof value[0] === 'string' && value[1] instanceof Uint8Array;
}

/** As the native side numbers them. */
const replacements = ['any', 'nothing', 'existing'] as const;

function existingOf([fd, identity, mode, uid, gid]: NonNullable<NativeStaged[2]>): ExistingFile {
  return { fd, ...toIdentity(identity), mode, uid, gid };
}

function refused(result: object): result is NativeStagingRefusal {
  return 'failure' in result;
}

function checkPath(path: unknown): string {
  if (typeof path !== 'string' || path === '' || path.includes('\0'))
    throw bad(`${shown(path)} is not a path`);
  return path;
}

/**
 * Throws ERR_SLUICE_OUTSIDE for what is not a way down from a root. `..` is refused even where it stays beneath: who may
 * go where is decided by how a path begins. With a zero byte nothing is called.
 */
function checkDownward(path: string): void {
  if (path.split('/').includes('..') || path.includes('\0'))
    throw new SluiceError('ERR_SLUICE_OUTSIDE', `${JSON.stringify(path)} does not lead down from the root`, {
      path,
    });
}

/** As the native side takes it; no root is ''. */
export function placeOf(destination: Destination): { root: string; path: string } {
  if (typeof destination === 'string') return { root: '', path: checkPath(destination) };
  if (typeof destination !== 'object' || destination === null)
    throw bad('A file is named by a path, or { root, path }');
  const { root, path } = destination;
  if (typeof path !== 'string') throw bad(`${shown(path)} is not a path`);
  checkDownward(path);
  // It is not the caller's fault: no name at all is the root's.
  return { root: checkPath(root), path: path.replace(/^\/+/, '') || '.' };
}

/** Node runs no finalizers at process.exit(), so what has a temporary name then is removed from here. */
const open = new Set<NativeStagedHandle>();
process.on('exit', () => {
  for (const each of open) native.discardStaged(each);
});

export class StagedFile {
  /** The file that has the destination's name, if any. */
  readonly existing: ExistingFile | undefined;
  /** What the file is since its content was written by `create`. */
  readonly written: Pick<FileIdentity, 'size' | 'mtimeNs'> | undefined;
  readonly #handle: NativeStagedHandle;
  readonly #fd: number;
  readonly #path: string;
  /** It was published or discarded, or soon will be. */
  #closed = false;

  private constructor([handle, fd, existing, written]: NativeStaged, path: string) {
    this.#handle = handle;
    this.#fd = fd;
    this.#path = path;
    this.existing = existing && existingOf(existing);
    this.written = written && toIdentity(written);
    open.add(handle);
  }

  /**
   * Makes a file in the destination's folder, without a name where the file system can (O_TMPFILE), else with one that
   * begins with `.sluice-`. What a killed process left there more than a day ago makes room for it.
   *
   * @param options.mode permissions before the umask. Default: 0o666.
   * @param options.content what is in it, where that is at hand: it is written in the same go
   * @throws SluiceError if the folder is missing or not to be written, or what has the name is not a regular file
   */
  static async create(destination: Destination, options: StagingOptions = {}): Promise<StagedFile> {
    rejectUnknown(options, new Set(['mode', 'content']));
    const { mode = 0o666, content } = options;
    const { root, path } = placeOf(destination);
    const result = await new Promise<NativeStaged | NativeStagingRefusal>((resolve) =>
      native.stage(root, path, mode, content, resolve),
    );
    if (refused(result)) throw storeFailure(result, path, { root });
    return new StagedFile(result, path);
  }

  /** Open for reading and writing, until the file is published or discarded. */
  get fd(): number {
    this.#checkOpen();
    return this.#fd;
  }

  #checkOpen(): void {
    if (this.#closed)
      throw new SluiceError(
        'ERR_SLUICE_CLOSED',
        `The file staged for ${this.#path} was published or discarded`,
      );
  }

  /**
   * Gives the file its name and closes it. If it fails the destination is what it was, unless what failed is the folder's
   * fsync, or the file system in the middle of an exchange: then the new file has the name.
   */
  async publish(options: PublishOptions = {}): Promise<Published> {
    rejectUnknown(options, new Set(['replace', 'attributes', 'keep', 'version', 'sync']));
    const { replace = 'any', attributes = [], keep = false, version, sync = false } = options;
    const how = replacements.indexOf(oneOf('replace', replace, replacements));
    flag('sync', sync);
    flag('keep', keep);
    if (!Array.isArray(attributes) || !attributes.every(isAttribute))
      throw bad(`The option attributes is a list of names with bytes, not ${shown(attributes)}`);
    if (version !== undefined) checkVersion(version);
    this.#checkOpen();
    this.#closed = true;
    const stamps = version && ([version.size, version.mtimeNs] as const);
    const except = keep ? checksumAttributes : undefined;
    const wait = patience[replace === 'existing' ? 'condition' : 'none'];
    const result = await patiently<readonly [NativeIdentity, boolean]>(wait, (last, done) =>
      native.publishStaged(this.#handle, how, sync, attributes, stamps, except, last, done),
    );
    if (refused(result)) {
      await this.#release();
      throw storeFailure(result, this.#path);
    }
    open.delete(this.#handle);
    const [identity, replaced] = result;
    return { ...toIdentity(identity), replaced };
  }

  /** Lets the file go. Does nothing once it was published or discarded. */
  async discard(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#release();
  }

  async #release(): Promise<void> {
    open.delete(this.#handle);
    await new Promise<void>((resolve) => native.discardStaged(this.#handle, resolve));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.discard();
  }
}
