/** The way of an answer's bytes to the client. */

import type { ServerResponse } from 'node:http';
import { streamOf } from './http2.js';

/**
 * Hands pieces to the client, and gives one up that takes nothing for too long. Once disposed of, the connection has the
 * timeout that it had before.
 */
export class Outlet implements Disposable {
  readonly #response: ServerResponse;
  readonly #gone: AbortSignal;
  /** Of the connection, in ms; 0: none. */
  readonly #before: number;
  #giveUp: (() => void) | undefined;
  /** Whether the client was there, and took nothing. */
  stalled = false;

  /**
   * @param idleTimeout in ms
   * @param gone fires when the connection is gone
   */
  constructor(response: ServerResponse, idleTimeout: number, gone: AbortSignal) {
    this.#response = response;
    this.#gone = gone;
    this.#before = streamOf(response) ? 0 : (response.req.socket.timeout ?? 0);
    // Node's timers, not one of ours: they look whether a write that is under way moves.
    response.setTimeout(Math.min(idleTimeout, this.#before || idleTimeout), () => {
      // Else it is the disk that is waited for.
      if (this.#giveUp) this.stalled = true;
      this.#giveUp?.();
    });
  }

  /** Resolves once the system has the bytes, and so their buffer is free. `false`: the client is gone, or stalls. */
  write(bytes: Buffer): Promise<boolean> {
    return new Promise((resolve) => {
      const settle = (sent: boolean) => {
        this.#giveUp = undefined;
        this.#gone.removeEventListener('abort', leave);
        resolve(sent);
      };
      const leave = () => settle(false);
      if (this.#gone.aborted) return leave();
      this.#giveUp = leave;
      this.#gone.addEventListener('abort', leave);
      this.#response.write(bytes, (error) => settle(!error));
    });
  }

  [Symbol.dispose](): void {
    this.#response.setTimeout(this.#before);
  }
}
