/** Arguments as they were given: Node decodes them, and what is not UTF-8 becomes the name of something else. */

import { readFileSync } from 'node:fs';
import { SluiceError } from '../errors/errors.js';

/** What a decoder puts where bytes are not UTF-8. It may be in a name, too. */
const replacement = '\ufffd';

/** The last `count` arguments of this process, or fewer where the system does not tell. */
function argumentBytes(count: number): Buffer[] {
  let line: Buffer;
  try {
    line = readFileSync('/proc/self/cmdline');
  } catch {
    return [];
  }
  const words = line.toString('latin1').split('\0').slice(0, -1);
  return words.slice(-count).map((word) => Buffer.from(word, 'latin1'));
}

/** @throws SluiceError ERR_SLUICE_NAME if one of the arguments is not what was given on the command line */
export function refuseLostBytes(given: readonly string[]): void {
  if (!given.some((argument) => argument.includes(replacement))) return;
  const bytes = argumentBytes(given.length);
  for (const [index, argument] of given.entries()) {
    if (bytes[index]?.equals(Buffer.from(argument)) === true) continue;
    throw new SluiceError(
      'ERR_SLUICE_NAME',
      `Argument ${index + 1}, ${JSON.stringify(argument)}, is not UTF-8, and could be taken for another`,
    );
  }
}
