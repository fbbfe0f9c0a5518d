/**
 * Standard input and output that were closed (`<&-`, `>&-`). Node opens /dev/null in their place before any of this runs,
 * and then a sum of nothing would look like one of something, and a result that nobody gets like one that was written.
 */

import { closeSync, existsSync, openSync, readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { isMissing } from '../../errors/errno.js';

/** Programs that give no child a /dev/null that is open for reading and writing, unless told to. */
const shells = /^(ba|da|k|mk|z|fi|c|tc|ya)?sh$|^busybox$/;

/** libuv, which Node runs its children with, gives them a /dev/null for input that is open for reading only. */
const libuv = /^node$/;

/** Where a descriptor of a process leads; nothing if it is closed, undefined if that can't be seen. */
function targetOf(process: number | 'self', fd: number): string | undefined {
  try {
    return readlinkSync(`/proc/${process}/fd/${fd}`);
  } catch (error) {
    if (!isMissing(error)) return undefined;
    // Outside this process' namespace, or hidden by an option of /proc, is the process itself.
    return existsSync(`/proc/${process}/fd`) ? '' : undefined;
  }
}

/** Whether it is a /dev/null that is open for reading and writing, as Node opens it. */
function isNodesOwn(process: number | 'self', fd: number): boolean {
  if (targetOf(process, fd) !== '/dev/null') return false;
  const [, flags = '0'] =
    /^flags:\s*(\d+)$/m.exec(readFileSync(`/proc/${process}/fdinfo/${fd}`, 'utf8')) ?? [];
  const O_ACCMODE = 3;
  const O_RDWR = 2;
  return (Number.parseInt(flags, 8) & O_ACCMODE) === O_RDWR;
}

/** Whether a child that has such a /dev/null can't have it from this process. */
function givesNone(process: number, fd: 0 | 1): boolean {
  try {
    const program = basename(readlinkSync(`/proc/${process}/exe`));
    return shells.test(program) || (fd === 0 && libuv.test(program));
  } catch {
    return false;
  }
}

/**
 * Whether the descriptor was closed when this process began. Others, too, open /dev/null for reading and writing: daemons
 * for themselves, whose children inherit it, Python for the input and output of a child, libuv for its output. Where the
 * parent may be one of those, nothing was closed.
 */
function wasClosed(fd: 0 | 1): boolean {
  try {
    const parents = targetOf(process.ppid, fd);
    if (parents === undefined || !isNodesOwn('self', fd) || isNodesOwn(process.ppid, fd)) return false;
    return parents === '' || givesNone(process.ppid, fd);
  } catch {
    return false; // without /proc nothing is known
  }
}

/** Makes reading and writing fail, as in a program that Node does not run, where the stream was closed. */
export function closeAgain(): void {
  // A descriptor that is not open for what is to be done gives EBADF, as one that is not open at all does.
  for (const [fd, other] of [
    [0, 'w'],
    [1, 'r'],
  ] as const) {
    if (!wasClosed(fd)) continue;
    closeSync(fd);
    openSync('/dev/null', other); // the lowest number that is free
  }
}
