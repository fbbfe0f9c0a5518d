import { type BigIntStats, constants } from 'node:fs';
import { open } from '../files/open-file.js';
import { readStanding, type Standing } from '../files/xattr/rot.js';
import { withoutProc } from '../system/policy.js';

/** What an entity tag is made of. */
export type TaggedStats = Pick<BigIntStats, 'ino' | 'birthtimeNs' | 'size' | 'mtimeNs'>;

/**
 * A strong entity tag of a file (RFC 9110, 8.8.3), from what it is known by: inode and its birth time, size, and mtime, times
 * in nanoseconds. ext4 gives the number of a removed inode to the next file, so that a copy with the time of what it
 * replaces differs by its birth time alone. Where a file system keeps none, Node says 0.
 *
 * It is as strong as mtime. A file that is replaced gets another one; a file written in place gets it too, except by
 * somebody who sets mtime back, and except, before multigrain time stamps (Linux 6.13), by a write of the same length
 * within one tick (1 to 10 ms) of the one before. A file that was found rotten, and repaired without a change of these, gets another one by the time of
 * that.
 */
export function etagOf(
  { ino, birthtimeNs, size, mtimeNs }: TaggedStats,
  { repaired }: Standing = {},
): string {
  const parts = [ino, birthtimeNs, size, mtimeNs, ...(repaired ? [repaired.getTime() / 1000] : [])];
  return `"${parts.map((part) => part.toString(16)).join('-')}"`;
}

/**
 * The entity tag of the file that a path leads to, whether or not it was repaired.
 *
 * @param stats what is known of it; if the path leads elsewhere by now, or the file may not be read, they alone count
 */
export async function currentEtag(
  path: string,
  stats: TaggedStats & Pick<BigIntStats, 'dev'>,
): Promise<string> {
  try {
    await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const { dev, ino } = await file.stat({ bigint: true });
    if (dev === stats.dev && ino === stats.ino) return etagOf(stats, await readStanding(file.fd));
  } catch (error) {
    const unreachable = path.startsWith('/proc/')
      ? withoutProc('Whether the file that is there was repaired can be seen', error)
      : undefined;
    if (unreachable) throw unreachable;
    // It is gone, or this user may not read it: then nobody was sent anything of it by this server.
  }
  return etagOf(stats);
}
