/** User ring buffers: records for programs (6.1). */

import { native } from '../../native.js';
import type { BpfMap } from '../maps/bpf-map.js';
import { expectType } from '../maps/codecs.js';
import type { NativeUserRingBuffer } from '../native-surface.js';

/** Writes to a map of the type `user_ringbuf`, which a program drains with bpf_user_ringbuf_drain(). One writer per map. */
export function userRingBuffer(map: BpfMap): UserRingBuffer {
  expectType(map, 'user ring buffer', ['user_ringbuf']);
  return new UserRingBuffer(new native.UserRingBuffer(map.native));
}

export class UserRingBuffer implements Disposable {
  readonly #native: NativeUserRingBuffer;
  #wake: (() => void) | undefined;

  /** @internal */
  constructor(from: NativeUserRingBuffer) {
    this.#native = from;
  }

  /** @returns false if there is no room for the record: await `drained()` and write it again */
  write(record: Uint8Array): boolean {
    return this.#native.write(record);
  }

  /** Settles when there is room in the ring, or when it is closed. */
  drained(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      this.#native.wait(resolve);
    });
  }

  close(): void {
    this.#native.close();
    this.#wake?.();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
