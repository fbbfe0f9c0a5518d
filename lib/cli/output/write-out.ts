import { write } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { wouldWait } from '../../errors/errno.js';

const writeTo = promisify(write);
const standardOutput = 1;

/** Characters that wait to be written before whoever writes more has to wait. */
const most = 1 << 20;

async function writeOut(text: string): Promise<void> {
  let rest = Buffer.from(text);
  while (rest.length > 0) {
    try {
      const { bytesWritten } = await writeTo(standardOutput, rest);
      rest = rest.subarray(bytesWritten);
    } catch (error) {
      if (!wouldWait(error)) {
        process.stdout.destroy(error as Error); // whose end is taken care of
        return new Promise(() => {});
      }
      await setTimeout(10);
    }
  }
}

/**
 * Writes to standard output, and lets everything else go on while its reader takes his time: Node's own stream would hold
 * up the process where that is a pipe. What comes while something is being written is written together.
 */
export class Output {
  #waiting = '';
  #writing: Promise<void> | undefined;

  /** To be waited for before more is written. */
  async write(text: string): Promise<void> {
    this.#waiting += text;
    this.#writing ??= this.#run();
    if (this.#waiting.length > most) await this.#writing;
  }

  /** Until all is written. */
  async flush(): Promise<void> {
    await this.#writing;
  }

  async #run(): Promise<void> {
    while (this.#waiting !== '') {
      const text = this.#waiting;
      this.#waiting = '';
      await writeOut(text);
    }
    this.#writing = undefined;
  }
}
