/** What the system's error numbers are called and mean. */

import { getSystemErrorMap } from 'node:util';
import { native } from '../native/index.js';

const ENOMEM = 12;
const EAGAIN = 11;
const ENFILE = 23;
const EMFILE = 24;
const EFBIG = 27;
const ENOSPC = 28;
const EDQUOT = 122;

/** No more files can be opened, by the process or on the system. */
export function isOutOfDescriptors(errno: number | undefined): boolean {
  return errno === EMFILE || errno === ENFILE;
}

/** Too little of something is left now, and later there may be enough. */
export function isShortage(errno: number | undefined): boolean {
  return isOutOfDescriptors(errno) || errno === ENOMEM || errno === EAGAIN;
}

/** The disk is full, or a quota or a limit of size is reached. */
export function isOutOfSpace(errno: number | undefined): boolean {
  return errno === ENOSPC || errno === EDQUOT || errno === EFBIG;
}

/** Name and meaning. Node's own table lacks what no system but Linux has: EDQUOT, EUCLEAN, EKEYEXPIRED. */
export function systemError(errno: number): readonly [name: string, text: string] | undefined {
  const known = getSystemErrorMap().get(-errno);
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

/** The system's error number of what `node:fs` throws. */
export function errnoOf(error: unknown): number | undefined {
  const { errno } = (error ?? {}) as NodeJS.ErrnoException;
  // Node's are below zero; a SluiceError's are not, and it has a code of its own.
  return typeof errno === 'number' && errno < 0 ? -errno : undefined;
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
