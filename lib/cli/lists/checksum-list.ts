/** Reads what `sluice sum`, coreutils, BSD and xrdadler32 print: lines of checksums and names. */

import { type AlgorithmName, algorithms, toHex } from '../../engine/algorithms.js';

/** A line's content. */
export interface ListedChecksum {
  name: string;
  algorithm: AlgorithmName;
  /** Lower-case hexadecimal. */
  hex: string;
  /** The line does not say of which algorithm it is. */
  untagged?: true;
}

/** What one kind of list says in its lines. */
export interface LineReader {
  isComment(line: string): boolean;
  /** The line's content, undefined if it is not one of the list's kind. */
  read(line: string): ListedChecksum | undefined;
}

/** How many hexadecimal digits a value has. */
export function digits(algorithm: AlgorithmName): number {
  return toHex(algorithm, 0n).length;
}

const fewestDigits = Math.min(...algorithms.map(digits));

/** Undoes the escapes of a name; undefined where a backslash stands for nothing known. */
function unescapeName(text: string): string | undefined {
  if (/\\(?![\\nr])/.test(text.replaceAll('\\\\', ''))) return undefined;
  return text.replace(/\\([\\nr])/g, (_, what: string) => (what === 'n' ? '\n' : what === 'r' ? '\r' : '\\'));
}

/** Reads one list, line by line. */
export class ChecksumListReader implements LineReader {
  readonly #untagged: readonly AlgorithmName[];
  readonly #escapes: boolean;
  /**
   * Whether one blank separates checksum and name, not two characters. The first untagged line decides for all: else a
   * file whose name begins with a blank could pass for another.
   */
  #oneBlank: boolean | undefined;
  /** How many digits the first untagged checksum had that is of none of the algorithms looked for. */
  otherDigits: number | undefined;

  /**
   * @param untagged what a checksum without a tag may be; the first with as many digits is taken
   * @param escapes whether a line that begins with a backslash has a name with escapes
   */
  constructor(untagged: readonly AlgorithmName[], escapes: boolean) {
    this.#untagged = untagged;
    this.#escapes = escapes;
  }

  isComment(line: string): boolean {
    return line.startsWith('#');
  }

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
    const algorithm = algorithms.find((each) => each === tag?.toLowerCase());
    if (!algorithm || name === undefined || hex?.length !== digits(algorithm)) return undefined;
    return { name, algorithm, hex };
  }

  #plain(text: string): ListedChecksum | undefined {
    const [, hex, rest] = /^([0-9a-f]+)[ \t](.+)$/is.exec(text) ?? [];
    if (hex === undefined || rest === undefined) return undefined;
    const algorithm = this.#untagged.find((name) => digits(name) === hex.length);
    if (!algorithm) {
      // Fewer are no checksum but a word, of a to f.
      if (hex.length >= fewestDigits) this.otherDigits ??= hex.length;
      return undefined;
    }
    if (rest.length === 1 || !/^[ *]/.test(rest)) {
      if (this.#oneBlank === false) return undefined;
      this.#oneBlank = true;
    } else {
      this.#oneBlank ??= false;
    }
    return { name: this.#oneBlank ? rest : rest.slice(1), algorithm, hex, untagged: true };
  }
}
