/** What the system calls its error numbers, and says of them. */

import { getSystemErrorMap } from 'node:util';
import { errnoOf, ownWords } from '../errors/errno.js';
import { native } from '../native/index.js';

/** Name and meaning. Node's own table lacks what no system but Linux has: EDQUOT, EUCLEAN, EKEYEXPIRED. */
export function systemError(errno: number): readonly [name: string, text: string] | undefined {
  const known = ownWords.get(errno) ?? getSystemErrorMap().get(-errno);
  if (known) return known;
  const [name, text] = native.systemError(errno) ?? [];
  return name && text ? [name, text.toLowerCase()] : undefined;
}

/** `EDQUOT` for 122. */
export function systemErrorName(errno: number): string {
  return systemError(errno)?.[0] ?? `error ${errno}`;
}

/** What an error number of the system means, with its name: `too many open files, EMFILE`. */
export function systemErrorText(errno: number): string {
  const [name, text] = systemError(errno) ?? [];
  return name === undefined ? `error ${errno} of the system` : `${text}, ${name}`;
}

/** What went wrong with a file, without the path and the call that `node:fs` adds to it. */
export function errorText(error: unknown): string {
  const errno = errnoOf(error);
  return errno === undefined ? (error as Error).message : systemErrorText(errno);
}

/** As `code` of what `node:fs` throws, which for numbers that Node has no name for is a sentence. */
export function codeOf(error: unknown): string | undefined {
  const errno = errnoOf(error);
  return errno === undefined ? (error as NodeJS.ErrnoException | null)?.code : systemErrorName(errno);
}
