/**
 * Calls of a caller's function by a timer, from where what it throws would end the process: it ends the job instead, and
 * then the call.
 */
export class TimedCalls {
  #thrown: { readonly error: unknown } | undefined;

  /** @param cancel ends the job */
  make(call: () => void, cancel: () => void): void {
    if (this.#thrown) return;
    try {
      call();
    } catch (error) {
      this.#thrown = { error };
      cancel();
    }
  }

  /** To be called when the job is over. */
  rethrow(): void {
    if (this.#thrown) throw this.#thrown.error;
  }
}
