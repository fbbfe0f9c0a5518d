/**
 * Open files that go with their thread. Where a worker_thread is terminated while Node opens a file for it, Node leaves
 * that open for as long as the process lasts.
 */

import { type BigIntStats, fstat, read, type Stats } from 'node:fs';
import { promisify } from 'node:util';
import { systemErrorName, systemErrorText } from '../errors/system-error.js';
import { type NativeDescriptor, type NativeFileRefusal, native } from '../native/index.js';

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

/**
 * @param flags O_* of node:fs
 * @throws the system's errors, as node:fs does
 */
export async function open(path: string | Buffer, flags: number): Promise<FileHandle> {
  const opened = await new Promise<NativeDescriptor | NativeFileRefusal>((resolve) =>
    native.openFile(typeof path === 'string' ? Buffer.from(path) : path, flags, resolve),
  );
  if (0 in opened) return new FileHandle(opened);
  const { errno = 0 } = opened;
  const error = new Error(`${systemErrorText(errno)}, open '${path}'`);
  throw Object.assign(error, { code: systemErrorName(errno), errno: -errno, syscall: 'open' });
}
