/** How several pieces of work at once get on, as one. */
export class TotalProgress {
  readonly #report: (bytes: number) => void;
  #bytes = 0;

  /** @param report gets the bytes of all of them together */
  constructor(report: (bytes: number) => void) {
    this.#report = report;
  }

  /** An `onProgress` for one more of them. */
  one(): (bytes: number) => void {
    let told = 0;
    return (bytes) => {
      this.#bytes += bytes - told;
      told = bytes;
      this.#report(this.#bytes);
    };
  }
}
