/** User ring buffers: records for programs (6.1). */

import { isUint8Array } from 'node:util/types';
import { SluiceError } from '../../errors/errors.js';
import { native } from '../../native/index.js';
import type { NativeUserRingBuffer } from '../../native/libbpf.js';
import { misfit } from '../codec.js';
import { Handle, refuseStrangers } from '../handle.js';
import { offsetInBytes } from '../integers.js';
import type { BpfMap } from '../maps/bpf-map.js';
import { expectType } from '../maps/codecs.js';
import { waitFor } from './wait.js';

/** Writes to a map of the type `user_ringbuf`, which a program drains with bpf_user_ringbuf_drain(). One writer per map. */
export function userRingBuffer(map: BpfMap): UserRingBuffer {
  expectType(map, 'user ring buffer', ['user_ringbuf']);
  return new UserRingBuffer(new native.UserRingBuffer(map.native), map.maxEntries);
}

/** The kernel wakes who waits for one byte; for more, the room is looked at again after so many milliseconds. */
const pause = 5;

export class UserRingBuffer extends Handle implements Disposable {
  readonly #native: NativeUserRingBuffer;
  readonly #size: number;
  #refused = 0;
  #closed = false;
  /** One for all who wait: the native side lets one wait at a time. */
  #change: Promise<void> | undefined;
  #wake: (() => void) | undefined;

  /** @internal */
  constructor(from: NativeUserRingBuffer, size: number) {
    super();
    this.#native = from;
    this.#size = size;
  }

  /**
   * @returns false if there is no room for the record: await `drained()` and write it again
   * @throws {SluiceError} ERR_SLUICE_VALUE for anything but a Uint8Array
   */
  write(record: Uint8Array): boolean {
    if (!isUint8Array(record)) throw misfit(record, 'a Uint8Array');
    const written = this.#native.write(record);
    if (!written) this.#refused = record.byteLength;
    return written;
  }

  /**
   * Settles when there is room for a record of that many bytes, or when the ring is closed. Several may wait; who writes
   * first has the room.
   *
   * @param bytes of the record. Default: of the last one that `write` had no room for.
   * @throws {SluiceError} ERR_SLUICE_VALUE if the ring is smaller than that, ERR_SLUICE_CLOSED if it was closed before
   */
  async drained(bytes: number = this.#refused): Promise<void> {
    const needed = occupied(offsetInBytes('The size of a record', bytes));
    if (needed > this.#size) {
      throw new SluiceError(
        'ERR_SLUICE_VALUE',
        `A record of ${bytes} bytes never fits into the ring of ${this.#size}: it takes 8 more, and a multiple of 8`,
      );
    }
    while (this.#native.used() + needed > this.#size) {
      await this.#changed();
      if (this.#closed) return;
    }
  }

  #changed(): Promise<void> {
    this.#change ??= new Promise<void>((resolve) => {
      let timer: NodeJS.Timeout | undefined;
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
      if (this.#native.used() < this.#size) timer = setTimeout(this.#wake, pause);
      else waitFor(this.#native, this.#wake);
    }).finally(() => {
      this.#change = undefined;
    });
    return this.#change;
  }

  close(): void {
    this.#closed = true;
    this.#native.close();
    this.#wake?.();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  static {
    refuseStrangers(UserRingBuffer);
  }
}

/** As the kernel lays a record out: after a header of 8 bytes, padded to 8. */
function occupied(bytes: number): number {
  return Math.ceil((bytes + 8) / 8) * 8;
}
