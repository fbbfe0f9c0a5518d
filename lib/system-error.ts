import { getSystemErrorMap } from 'node:util';

const EAGAIN = 11;
const ENOMEM = 12;
const ENFILE = 23;
const EMFILE = 24;

/** No more files can be opened, by the process or on the system. */
export function isOutOfDescriptors(errno: number | undefined): boolean {
  return errno === EMFILE || errno === ENFILE;
}

/** Too little of something is left now, and later there may be enough. */
export function isShortage(errno: number | undefined): boolean {
  return isOutOfDescriptors(errno) || errno === ENOMEM || errno === EAGAIN;
}

/** What an error number of the system means, with its name: `too many open files, EMFILE`. */
export function systemErrorText(errno: number): string {
  const [name, message] = getSystemErrorMap().get(-errno) ?? [`error ${errno} of the system`];
  return message === undefined ? name : `${message}, ${name}`;
}
