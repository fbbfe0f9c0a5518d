/** Reads a list of checksums from a file or standard input: what is to be verified, and what could not be understood. */

import { isUtf8 } from 'node:buffer';
import type { AlgorithmName } from '../../engine/algorithms.js';
import { SluiceError } from '../../errors/errors.js';
import { readChunks, standardInput } from '../input.js';
import { ChecksumListReader, type LineReader, type ListedChecksum } from './checksum-list.js';
import { type Line, splitLines } from './lines.js';
import { isSfv, sfvReader } from './sfv.js';

export interface ListOptions {
  /** What a checksum without a tag may be, in order of preference. */
  untagged: readonly AlgorithmName[];
  /** Lines end with NUL, and names have no escapes. */
  zero: boolean;
  signal: AbortSignal;
}

/** A file and what is said of it in lines that follow each other. */
export interface Expectation {
  name: string;
  lines: ListedChecksum[];
  /** Why no file can be told from the name. */
  error?: SluiceError;
}

export interface List {
  expectations: Expectation[];
  misformatted: number;
  /** How many digits the first untagged checksum has that is of none of the algorithms looked for. */
  otherDigits: number | undefined;
  /** It has no name that could tell, and a line that could not be understood is as in an SFV file. */
  resemblesSfv: boolean;
}

const byteOrderMark = '\ufeff';

/** Lines that end in another way than -z, or its absence, says: taken as they come, they would name the wrong files. */
function refuseMixedUp(
  line: Line,
  isOnly: boolean,
  listName: string,
  zero: boolean,
  reader: LineReader,
): void {
  const refuse = (reason: string, remedy: string) => {
    const name = listName === standardInput ? 'Standard input' : listName;
    throw new SluiceError('ERR_SLUICE_OPTION', `${name} ${reason}`, { path: listName, remedy });
  };
  if (zero) {
    if (isOnly && line.bytes.includes('\n'))
      refuse('has lines that end with a newline, not with NUL', 'Verify it without -z.');
    return;
  }
  const nul = line.bytes.indexOf(0);
  if (nul > 0 && reader.read(line.bytes.toString('utf8', 0, nul)))
    refuse('has lines that end with NUL, as --zero prints them', 'Verify it with -z.');
}

/** @throws SluiceError if it can't be read, or its lines do not end as they should */
export async function readList(
  listName: string,
  options: ListOptions,
  onMisformatted: (line: number) => void,
): Promise<List> {
  const { untagged, zero, signal } = options;
  const plain = new ChecksumListReader(untagged, !zero);
  const reader = isSfv(listName) ? sfvReader : plain;
  const expectations: Expectation[] = [];
  let [number, misformatted] = [0, 0];
  let resemblesSfv = false;
  for await (const each of splitLines(readChunks(listName, signal), zero ? '\0' : '\n')) {
    number += 1;
    refuseMixedUp(each, number === 1 && !each.terminated, listName, zero, reader);
    const text = each.bytes.toString();
    const bare =
      reader === sfvReader && number === 1 && text.startsWith(byteOrderMark) ? text.slice(1) : text;
    const line = zero ? bare : bare.replace(/\r$/, '');
    if (each.whole && (line === '' || reader.isComment(line))) continue;
    const listed = each.whole && !line.includes('\0') ? reader.read(line) : undefined;
    // Standard input can't be the list and a file that it lists.
    if (!listed || (listName === standardInput && listed.name === standardInput)) {
      misformatted += 1;
      resemblesSfv ||= listName === standardInput && sfvReader.read(line) !== undefined;
      onMisformatted(number);
      continue;
    }
    const { name } = listed;
    if (!isUtf8(each.bytes)) {
      // Decoded, it could be the name of another file.
      const error = new SluiceError('ERR_SLUICE_NAME', `The name ${name} is not UTF-8`, { path: name });
      expectations.push({ name, lines: [listed], error });
      continue;
    }
    const last = expectations.at(-1);
    if (last?.name === name && !last.error) last.lines.push(listed);
    else expectations.push({ name, lines: [listed] });
  }
  return { expectations, misformatted, otherDigits: plain.otherDigits, resemblesSfv };
}
