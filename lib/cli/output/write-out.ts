import { write } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { wouldWait } from '../../errors/errno.js';

const writeTo = promisify(write);
const standardOutput = 1;

/**
 * Writes to standard output, and lets everything else go on while its reader takes his time: Node's own stream would hold
 * up the process where that is a pipe.
 */
export async function writeOut(text: string): Promise<void> {
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
