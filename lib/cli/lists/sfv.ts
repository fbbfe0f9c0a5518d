/** Reads SFV files ("simple file verification"): lines of a name and its CRC-32, which is zlib's, and comments. */

import type { LineReader, ListedChecksum } from './checksum-list.js';

/** By its name: `12345678 12345678` is a line of either kind. */
export function isSfv(listName: string): boolean {
  return /\.sfv$/i.test(listName);
}

export const sfvReader: LineReader = {
  isComment: (line) => line.startsWith(';'),
  read(line): ListedChecksum | undefined {
    // Blanks before the value may be many, to make columns: they are none of the name's.
    const [, name, hex] = /^(.*\S)[ \t]+([0-9a-f]{8})[ \t]*$/is.exec(line) ?? [];
    if (name === undefined || hex === undefined) return undefined;
    return { name, algorithm: 'crc32', hex: hex.toLowerCase() };
  },
};
