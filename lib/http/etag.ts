import type { BigIntStats } from 'node:fs';

/**
 * A strong entity tag of a file (RFC 9110, 8.8.3), from what it is known by: inode, size, and mtime in nanoseconds.
 *
 * It is as strong as mtime. A file that is replaced gets another one; a file written in place gets it too, except by
 * somebody who sets mtime back, and except, before multigrain time stamps (Linux 6.13), by a write of the same length
 * within one tick (1 to 10 ms) of the one before.
 */
export function etagOf({ ino, size, mtimeNs }: Pick<BigIntStats, 'ino' | 'size' | 'mtimeNs'>): string {
  return `"${ino.toString(16)}-${size.toString(16)}-${mtimeNs.toString(16)}"`;
}
