/** Reads what `sluice sum`, coreutils, BSD and xrdadler32 print: lines of checksums and names. */

import { type AlgorithmName, algorithms, toHex } from '../engine/algorithms.js';

/** A line's content. */
export interface ListedChecksum {
  name: string;
  algorithm: AlgorithmName;
  /** Lower-case hexadecimal. */
  hex: string;
}

const byTag: ReadonlyMap<string, AlgorithmName> = new Map(
  algorithms.map((name) => [name.toUpperCase(), name]),
);

function digits(algorithm: AlgorithmName): number {
  return toHex(algorithm, 0n).length;
}

/** Undoes the escapes of a name; undefined where a backslash stands for nothing known. */
function unescapeName(text: string): string | undefined {
  if (/\\(?![\\nr])/.test(text.replaceAll('\\\\', ''))) return undefined;
  return text.replace(/\\([\\nr])/g, (_, what: string) => (what === 'n' ? '\n' : what === 'r' ? '\r' : '\\'));
}

/** Reads one list, line by line. */
export class ChecksumListReader {
  readonly #untagged: readonly AlgorithmName[];
  readonly #escapes: boolean;
  /**
   * Whether one blank separates checksum and name, not two characters. The first untagged line decides for all: else a
   * file whose name begins with a blank could pass for another.
   */
  #oneBlank: boolean | undefined;

  /**
   * @param untagged what a checksum without a tag may be; the first with as many digits is taken
   * @param escapes whether a line that begins with a backslash has a name with escapes
   */
  constructor(untagged: readonly AlgorithmName[], escapes: boolean) {
    this.#untagged = untagged;
    this.#escapes = escapes;
  }

  /** The line's content, undefined if it has none of the layouts. */
  read(line: string): ListedChecksum | undefined {
    let text = line.replace(/^[ \t]+/, '');
    const escaped = this.#escapes && text.startsWith('\\');
    if (escaped) text = text.slice(1);
    const found = this.#tagged(text) ?? this.#plain(text);
    if (!found) return undefined;
    const name = escaped ? unescapeName(found.name) : found.name;
    return name === undefined ? undefined : { ...found, name, hex: found.hex.toLowerCase() };
  }

  #tagged(text: string): ListedChecksum | undefined {
    const [, tag, name, hex] = /^([0-9A-Z]+) ?\((.+)\)[ \t]*=[ \t]*([0-9a-f]+)$/is.exec(text) ?? [];
    const algorithm = byTag.get(tag ?? '');
    if (!algorithm || name === undefined || hex?.length !== digits(algorithm)) return undefined;
    return { name, algorithm, hex };
  }

  #plain(text: string): ListedChecksum | undefined {
    const [, hex, rest] = /^([0-9a-f]+)[ \t](.+)$/is.exec(text) ?? [];
    const algorithm = this.#untagged.find((name) => digits(name) === hex?.length);
    if (!algorithm || hex === undefined || rest === undefined) return undefined;
    if (rest.length === 1 || !/^[ *]/.test(rest)) {
      if (this.#oneBlank === false) return undefined;
      this.#oneBlank = true;
    } else {
      this.#oneBlank ??= false;
    }
    return { name: this.#oneBlank ? rest : rest.slice(1), algorithm, hex };
  }
}

/** In bytes. No line of a name that can be opened is longer: a list without line ends is no list, and is not kept. */
const longestLine = 1 << 20;

/**
 * Cuts bytes into lines, the last of which may lack its terminator. One of more than 1 MiB is undefined, and what it holds
 * is let go.
 */
export async function* splitLines(
  chunks: AsyncIterable<Buffer>,
  terminator: '\n' | '\0',
): AsyncGenerator<Buffer | undefined, void, undefined> {
  const pieces: Buffer[] = [];
  let length = 0;
  const keep = (piece: Buffer) => {
    length += piece.length;
    if (length <= longestLine) pieces.push(piece);
    else pieces.length = 0;
  };
  const take = () => {
    const line = length <= longestLine ? Buffer.concat(pieces) : undefined;
    pieces.length = 0;
    length = 0;
    return line;
  };
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(terminator); end >= 0; end = chunk.indexOf(terminator, start)) {
      keep(chunk.subarray(start, end));
      yield take();
      start = end + 1;
    }
    keep(chunk.subarray(start));
  }
  if (length > 0) yield take();
}
