/**
 * Open files that go with their thread. Where a worker_thread is terminated while Node opens a file for it, Node leaves
 * that open for as long as the process lasts.
 */

import { type BigIntStats, fstat, read, type Stats } from 'node:fs';
import { promisify } from 'node:util';
import {
  type NativeDescriptor,
  type NativeRefusal,
  type NativeStagingRefusal,
  native,
} from '../native/index.js';
import { wayFailure } from '../system/native-failures.js';
import { systemErrorName, systemErrorText } from '../system/system-error.js';

const readFrom = promisify(read);
const statOf = promisify(fstat);

/** What is used here of the one in node:fs/promises. Nothing may be under way when it is closed. */
export class FileHandle implements AsyncDisposable {
  readonly #handle: NativeDescriptor[0] | undefined;
  #fd: number;

  constructor([handle, fd]: NativeDescriptor | readonly [undefined, number]) {
    this.#handle = handle;
    this.#fd = fd;
  }

  /** Of a descriptor that somebody else closes. */
  static lent(fd: number): FileHandle {
    return new FileHandle([undefined, fd]);
  }

  /** -1 once it is closed. */
  get fd(): number {
    return this.#fd;
  }

  stat(): Promise<Stats>;
  stat(options: { bigint: true }): Promise<BigIntStats>;
  stat(options?: { bigint: true }): Promise<Stats | BigIntStats> {
    return statOf(this.fd, options);
  }

  read(buffer: Buffer, offset: number, length: number, position: number): Promise<{ bytesRead: number }> {
    return readFrom(this.fd, buffer, offset, length, position);
  }

  /** Does nothing the second time. */
  close(): Promise<void> {
    const handle = this.#handle;
    this.#fd = -1;
    if (!handle) return Promise.resolve();
    return new Promise((resolve) => native.closeFile(handle, () => resolve()));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** As `node:fs` throws it. */
function notOpened({ errno }: NativeRefusal, path: string | Buffer): Error {
  const error = new Error(`${systemErrorText(errno)}, open '${path}'`);
  return Object.assign(error, { code: systemErrorName(errno), errno: -errno, syscall: 'open' });
}

/**
 * @param flags O_* of node:fs
 * @throws the system's errors, as node:fs does
 */
export async function open(path: string | Buffer, flags: number): Promise<FileHandle> {
  const opened = await new Promise<NativeDescriptor | NativeRefusal>((resolve) =>
    native.openFile(typeof path === 'string' ? Buffer.from(path) : path, flags, resolve),
  );
  if (0 in opened) return new FileHandle(opened);
  throw notOpened(opened, path);
}

/**
 * Opens what `path` leads to beneath `root`, neither through symbolic links nor out of it; one at its end is not followed
 * either. It is one walk: nobody who renames or links in between can lead out.
 *
 * @param root '' for none: then links on the way are followed
 * @param path without `..`; with a slash at its end it leads to a folder
 * @param name what errors call it. Default: its path.
 * @throws SluiceError ERR_SLUICE_OUTSIDE, ERR_SLUICE_TOO_LONG, ERR_SLUICE_IO if the root is missing; the system's errors for
 * all else, as `open` does
 */
export async function openBeneath(
  root: string,
  path: string,
  flags: number,
  name: string = path,
): Promise<FileHandle> {
  const opened = await new Promise<NativeDescriptor | NativeStagingRefusal>((resolve) =>
    native.openBeneath(root, path, flags, resolve),
  );
  if (0 in opened) return new FileHandle(opened);
  throw wayFailure(opened, { root, path: name }) ?? notOpened(opened, path);
}
