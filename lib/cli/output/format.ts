/** How results are written: the layouts of coreutils, BSD and xrdadler32, and JSON. */

import type { ChecksumResult } from '../../checksum/checksum.js';
import { traits } from '../../engine/backends.js';
import type { Checksums } from '../../engine/checksums.js';
import { standardInput } from '../input.js';
import type { Summed } from '../sources.js';

export type Layout = 'coreutils' | 'tag' | 'xrd';

const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r' };

/** A name with what would break a line escaped, and whether that changed it. */
export function escapeName(name: string): { text: string; escaped: boolean } {
  const text = name.replace(/[\\\n\r]/g, (character) => escapes[character] as string);
  return { text, escaped: text !== name };
}

/** How coreutils' lines are varied. */
export interface LineStyle {
  /** Lines end with NUL, and need no escapes. */
  zero?: boolean;
  /** Names are marked as those of files read in binary, which here all are. */
  binary?: boolean;
}

/** One file's lines, each with its terminator. */
export function formatLines(
  layout: Layout,
  { zero, binary }: LineStyle,
  name: string,
  checksums: Checksums,
): string {
  const { text, escaped } = zero || layout === 'xrd' ? { text: name, escaped: false } : escapeName(name);
  const mark = escaped ? '\\' : '';
  const line = (algorithm: string, hex: string): string => {
    if (layout === 'xrd') return `${hex} ${text}`;
    return layout === 'tag'
      ? `${mark}${algorithm.toUpperCase()} (${text}) = ${hex}`
      : `${mark}${hex} ${binary ? '*' : ' '}${text}`;
  };
  return checksums
    .keys()
    .map((name) => line(name, checksums.hex(name) as string) + (zero ? '\0' : '\n'))
    .join('');
}

const proofs: Readonly<Record<ChecksumResult['writers'], string>> = {
  none: 'nobody could write to it meanwhile',
  self: 'its size and time stamps did not move, but it was open for writing by this process',
  unknown: 'its size and time stamps did not move, but other writers could not be ruled out',
};

/** How a value came about, in a sentence: what summed it and why, and what is known of writers. */
export function circumstances(name: string, result: ChecksumResult): string {
  const { bytes, backend, backendReason, writers } = result;
  const summed = `${bytes} bytes summed in ${traits[backend].place} (${backendReason})`;
  return name === standardInput ? summed : `${summed}; ${proofs[writers]}`;
}

/** One file as an object for JSON. */
export function toJson({ name, result, error }: Summed): object {
  if (error) return { name, error: { code: error.code, message: error.message } };
  const { checksums, bytes, backend, backendReason, writers, cache, durationNs } = result;
  return { name, checksums, bytes, backend, backendReason, writers, cache, durationNs };
}
