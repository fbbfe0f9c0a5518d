/** The file that is copied: open, and known to have stayed what it was. */

import type { BigIntStats } from 'node:fs';
import { readFailure } from '../errors/native-failures.js';
import { stampsOf } from '../files/xattr/version.js';
import { type NativeFileRefusal, type NativeSource, native } from '../native/index.js';

/** Whoever wants to write to the file waits for no longer than this, in milliseconds. */
const look = 50;

export class CopySource implements Disposable {
  readonly path: string;
  readonly stamps: BigIntStats;
  /** Somebody wants to write to the file. */
  readonly signal: AbortSignal;
  readonly #native: NativeSource;
  readonly #timer: NodeJS.Timeout;

  private constructor(path: string, source: NativeSource, stamps: BigIntStats) {
    this.path = path;
    this.stamps = stamps;
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
  static async open(path: string): Promise<CopySource> {
    const opened = await new Promise<NativeSource | NativeFileRefusal>((resolve) =>
      native.openSource(path, resolve),
    );
    if (!('fd' in opened)) throw readFailure(opened, path, path);
    try {
      return new CopySource(path, opened, await stampsOf(opened.fd));
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
    if (changed) throw readFailure(changed, this.path, this.path);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#native.close();
  }
}
