/** The way of an answer's bytes to the client. */

import type { ServerResponse } from 'node:http';

/** In bytes: what a client has to take in time. Node tells when all of a write is gone, and nothing of its parts. */
const part = 64 << 10;

/** Hands pieces to the client, and gives one up that stalls. */
export class Outlet {
  readonly #response: ServerResponse;
  readonly #idleTimeout: number;
  readonly #gone: AbortSignal;
  /** Whether the client was there, and took nothing. */
  stalled = false;

  /**
   * @param idleTimeout in ms
   * @param gone fires when the connection is gone
   */
  constructor(response: ServerResponse, idleTimeout: number, gone: AbortSignal) {
    this.#response = response;
    this.#idleTimeout = idleTimeout;
    this.#gone = gone;
  }

  /** Resolves once the system has the bytes, and so their buffer is free. `false`: the client is gone, or stalls. */
  async write(bytes: Buffer): Promise<boolean> {
    for (let at = 0; at < bytes.length; at += part)
      if (!(await this.#write(bytes.subarray(at, at + part)))) return false;
    return true;
  }

  #write(bytes: Buffer): Promise<boolean> {
    return new Promise((resolve) => {
      if (this.#gone.aborted) return resolve(false);
      const settle = (sent: boolean) => {
        clearTimeout(timer);
        this.#gone.removeEventListener('abort', leave);
        resolve(sent);
      };
      const leave = () => settle(false);
      // Of our own: those of node:http2 mark what moves on a connection, whichever of its streams it is.
      const timer = setTimeout(() => {
        this.stalled = true;
        leave();
      }, this.#idleTimeout);
      this.#gone.addEventListener('abort', leave);
      this.#response.write(bytes, (error) => settle(!error));
    });
  }
}
