// SPDX-License-Identifier: Apache-2.0

import { StringDecoder } from 'node:string_decoder';

/** The output of one of several machines that write to the same place: whole lines only, each with its machine's name. */
export class LabelledLines {
  #label;
  #to;
  #decoder = new StringDecoder('utf8');
  #rest = '';

  /**
   * @param {string} label
   * @param {{ write: (text: string) => void }} to
   */
  constructor(label, to) {
    this.#label = label;
    this.#to = to;
  }

  /** @param {Buffer} bytes */
  write(bytes) {
    const lines = (this.#rest + this.#decoder.write(bytes)).split('\n');
    this.#rest = lines.pop();
    for (const line of lines) this.#to.write(`${this.#label} | ${line}\n`);
  }

  /** Writes what came behind the last line break. */
  end() {
    const rest = this.#rest + this.#decoder.end();
    if (rest !== '') this.#to.write(`${this.#label} | ${rest}\n`);
    this.#rest = '';
  }
}
