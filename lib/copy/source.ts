/** The file that is copied: open, and known to have stayed what it was. */

import type { BigIntStats } from 'node:fs';
import { type FileLike, locate } from '../checksum/file-like.js';
import { type Expected, expectedOf } from '../files/xattr/compare.js';
import { verifyChecksums } from '../files/xattr/verify.js';
import { stampsOf } from '../files/xattr/version.js';
import { type NativeFileRefusal, type NativeSource, native } from '../native/index.js';
import { readFailure } from '../system/native-failures.js';

/** Whoever wants to write to the file waits for no longer than this, in milliseconds. */
const look = 50;

export class CopySource implements Disposable {
  /** The file in a sentence. */
  readonly name: string;
  /** Undefined for one that was handed in open. */
  readonly path: string | undefined;
  readonly stamps: BigIntStats;
  /** What its bytes must be, by what is stored with it. */
  readonly expected: Expected;
  /** Somebody wants to write to the file. */
  readonly signal: AbortSignal;
  readonly #native: NativeSource;
  readonly #timer: NodeJS.Timeout;

  private constructor(
    { name, path }: Pick<CopySource, 'name' | 'path'>,
    source: NativeSource,
    { stamps, expected }: Pick<CopySource, 'stamps' | 'expected'>,
  ) {
    this.name = name;
    this.path = path;
    this.stamps = stamps;
    this.expected = expected;
    this.#native = source;
    const controller = new AbortController();
    this.signal = controller.signal;
    this.#timer = setInterval(() => {
      if (source.broken()) controller.abort();
    }, look).unref();
  }

  /**
   * Opens a regular file under a read lease, which the kernel grants while nobody has it open or mapped for writing, and
   * breaks for who wants to. Where there are no leases its time stamps tell of changes.
   *
   * @throws SluiceError ERR_SLUICE_WRITER, and what opening can meet
   */
  static async open(file: FileLike): Promise<CopySource> {
    const source = await CopySource.#open(file);
    if (!source.expected.standing.touched) return source;
    try {
      await verifyChecksums(source.fd);
    } finally {
      source[Symbol.dispose]();
    }
    return await CopySource.#open(file); // what was found out may have changed its attributes
  }

  static async #open(file: FileLike): Promise<CopySource> {
    const { what, path, at: place } = locate(file);
    const opened = await new Promise<NativeSource | NativeFileRefusal>((resolve) =>
      native.openSource(place, resolve),
    );
    if (!('fd' in opened)) throw readFailure(opened, what, path);
    try {
      const stamps = await stampsOf(opened.fd);
      const expected = await expectedOf(opened.fd, stamps);
      return new CopySource({ name: what, path }, opened, { stamps, expected });
    } catch (error) {
      opened.close();
      throw error;
    }
  }

  get fd(): number {
    return this.#native.fd;
  }

  /** @throws SluiceError ERR_SLUICE_CHANGED unless the file is what it was when it was opened */
  async confirm(): Promise<void> {
    const changed = await new Promise<NativeFileRefusal | undefined>((resolve) =>
      this.#native.confirm(resolve),
    );
    if (changed) throw readFailure(changed, this.name, this.path);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#native.close();
  }
}
