import { getSystemErrorMap } from 'node:util';

/** What an error number of the system means, with its name: `too many open files, EMFILE`. */
export function systemErrorText(errno: number): string {
  const [name, message] = getSystemErrorMap().get(-errno) ?? [`error ${errno} of the system`];
  return message === undefined ? name : `${message}, ${name}`;
}
