import { type BigIntStats, constants } from 'node:fs';
import { type FileLike, type Located, locate } from '../../checksum/file-like.js';
import type { Checksums } from '../../engine/checksums.js';
import { SluiceError } from '../../errors/errors.js';
import { FileHandle, openBeneath } from '../../files/open-file.js';
import { type Destination, placeOf } from '../../files/staging/staged-file.js';
import { corrupt, type Difference, foundCorrupt } from '../../files/xattr/compare.js';
import type { Profile } from '../../files/xattr/profiles/table.js';
import { readStanding, type Standing } from '../../files/xattr/rot.js';
import { sameVersion, stampsOf } from '../../files/xattr/version.js';
import { unread } from '../../system/from-errno.js';
import { storedDigests } from '../digests/known-digests.js';
import { etagOf } from '../etag.js';
import type { Part } from './range.js';
import type { ReadCheck } from './read-check.js';
import { isNews, isSuspected, type Judgement, judge } from './suspicion.js';

/** Large enough that what a hand-over to a thread costs is lost in it, small enough that two of them are for each client. */
const pieceSize = 512 * 1024;

/** O_NONBLOCK: the opening of a FIFO would wait for its writer. */
const flags = constants.O_RDONLY | constants.O_NONBLOCK;

/** A file, or `{ root, path }` for a path that came with the request. */
export type Sendable = FileLike | Destination;

interface Place extends Located {
  /** Beneath which its path leads; '': wherever that does. */
  root: string;
}

/** Throws ERR_SLUICE_OPTION and ERR_SLUICE_OUTSIDE for what names no file. */
export function locateSendable(place: Sendable): Place {
  if (typeof place === 'object' && place !== null && 'root' in place) {
    const { root, path } = placeOf(place);
    return { root, what: path, path, at: path };
  }
  const kinds = 'What is sent is a path, a file: URL, a descriptor, a FileHandle, or { root, path }';
  return { root: '', ...locate(place, kinds) };
}

async function openNamed(root: string, path: string): Promise<FileHandle> {
  return await openBeneath(root, path, flags).catch((error) => {
    throw error instanceof SluiceError ? error : unread(error, { path, doing: 'opened', noFollow: true });
  });
}

interface Kept {
  known: Checksums;
  etag: string;
  mtimeMs: number;
}

/** A regular file as it was when it was opened. */
export class ServedFile {
  /** The file in a sentence. */
  readonly name: string;
  /** Undefined for one that was handed in open. */
  readonly path: string | undefined;
  readonly handle: FileHandle;
  readonly stats: BigIntStats;
  /** In bytes. */
  readonly size: number;

  private constructor({ what, path }: Place, handle: FileHandle, stats: BigIntStats) {
    this.name = what;
    this.path = path;
    this.handle = handle;
    this.stats = stats;
    this.size = Number(stats.size);
  }

  /** Throws a SluiceError if it can't be opened, or is a symbolic link or anything else than a regular file. */
  static async open(place: Place): Promise<ServedFile> {
    const { root, at, what, path } = place;
    const handle = typeof at === 'number' ? FileHandle.lent(at) : await openNamed(root, at);
    try {
      const stats = await stampsOf(handle.fd);
      if (stats.isDirectory()) {
        throw new SluiceError('ERR_SLUICE_IS_DIRECTORY', `${what} is a directory`, { path });
      }
      if (!stats.isFile()) {
        throw new SluiceError('ERR_SLUICE_NOT_A_FILE', `${what} is a device or FIFO, not a regular file`, {
          path,
        });
      }
      return new ServedFile(place, handle, stats);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /**
   * What is stored with the file, its entity tag, and when it was modified: a cache that has rotten bytes must not be told,
   * by one or the other, that they are those of the file since it was repaired.
   *
   * @throws SluiceError ERR_SLUICE_CORRUPT if this version was found rotten
   */
  async kept(profiles: readonly Profile[]): Promise<Kept> {
    const { handle, stats } = this;
    await this.#checkSuspicion();
    let { known, standing } = await storedDigests(handle.fd, stats, profiles);
    if (standing.touched) {
      await this.#judged();
      ({ known, standing } = await storedDigests(handle.fd, stats, profiles));
    }
    if (standing.rot) throw this.#refused(standing);
    const mtimeMs = Math.max(Number(stats.mtimeMs), standing.repaired?.getTime() ?? 0);
    return { known, etag: etagOf(stats, standing), mtimeMs };
  }

  /** The error for what was found rotten before; who runs the server hears of it once. */
  #refused(standing: Standing): SluiceError {
    const { name, path, stats } = this;
    return foundCorrupt(name, { path, repeated: !isNews(stats, standing) });
  }

  /** An error of its own for each request, of those that wait for the same computation. */
  async onceTold(error: SluiceError): Promise<SluiceError> {
    return this.#onceTold(error, await readStanding(this.handle.fd));
  }

  #onceTold(error: SluiceError, standing: Standing): SluiceError {
    const { name, path, stats } = this;
    return isNews(stats, standing) ? error : foundCorrupt(name, { path, repeated: true });
  }

  async #judged(): Promise<Judgement> {
    const { name, path, handle, stats } = this;
    try {
      return await judge(handle.fd, stats);
    } catch (cause) {
      if (!(cause instanceof SluiceError)) throw cause;
      const reason = `${name} was not what is stored for it, and can not be verified now (${cause.code})`;
      throw new SluiceError(cause.code, reason, { path, cause });
    }
  }

  /** What other bytes were read of before is not served before it was verified. */
  async #checkSuspicion(): Promise<void> {
    if (!isSuspected(this.stats)) return;
    const { standing, isRotten } = await this.#judged();
    if (isRotten) throw this.#refused(standing);
  }

  /** The error for a whole file that was read to be sent, and is not what was stored. */
  async #differs(difference: Difference): Promise<SluiceError> {
    const { name, path } = this;
    const { standing, isRotten, markFailure } = await this.#judged();
    if (!isRotten) {
      const reason = `${name} was read twice, and only the second time its bytes were those that were stored`;
      return new SluiceError('ERR_SLUICE_IO', reason, { path });
    }
    // At once, before those who wait for the same judgement: this one has the values to tell of.
    return this.#onceTold(corrupt(name, difference, markFailure, path), standing);
  }

  /** Whether the file is what it was when it was opened, and nobody has found it rotten since. */
  async #checkLast({ tookLong, verified }: { tookLong: boolean; verified: boolean }): Promise<void> {
    const { handle, stats } = this;
    const suspected = isSuspected(stats);
    await this.#checkSuspicion();
    if (!sameVersion(await handle.stat({ bigint: true }), stats)) throw this.#changed();
    const standing: Standing = tookLong || suspected ? await readStanding(handle.fd) : {};
    if (standing.rot) throw this.#refused(standing);
    // Another answer had other bytes of this version: what this one has is sure only if it is held against the values, too.
    if (suspected && !verified) throw this.#changed();
  }

  #changed(): SluiceError {
    const { name, path } = this;
    return new SluiceError('ERR_SLUICE_CHANGED', `${name} changed while it was sent`, { path });
  }

  /**
   * The bytes of a part, in pieces that are good until the next one is asked for; that one is read meanwhile. The last
   * piece comes only once the file was seen to be what it was, and the check has passed.
   */
  async *pieces({ start, end }: Part, check?: ReadCheck): AsyncGenerator<Buffer, void, undefined> {
    const buffers = [0, 1].map((index) =>
      Buffer.allocUnsafe(Math.max(0, Math.min(pieceSize, end - start - index * pieceSize))),
    ) as [Buffer, Buffer];
    const readAhead = (buffer: Buffer, at: number) => {
      const piece = this.#fill(buffer, at, end);
      piece.catch(() => {}); // met when the piece is waited for
      return piece;
    };
    let next = readAhead(buffers[0], start);
    try {
      let at = start;
      let spare: 0 | 1 = 1;
      do {
        const piece = await next;
        at += piece.length;
        if (at < end) next = readAhead(buffers[spare], at);
        spare = spare === 0 ? 1 : 0;
        check?.update(piece);
        if (at === end) {
          await this.#checkLast({
            tookLong: at - start > piece.length,
            verified: check !== undefined,
          });
          const difference = check?.finish();
          if (difference) throw await this.#differs(difference);
        }
        yield piece;
      } while (at < end);
    } finally {
      await next.catch(() => {}); // nothing is read any more when the file is closed
    }
  }

  /** As many of the bytes from `at` to `end` as the buffer has room for. */
  async #fill(buffer: Buffer, at: number, end: number): Promise<Buffer> {
    const piece = buffer.subarray(0, Math.min(buffer.length, end - at));
    for (let filled = 0; filled < piece.length; ) {
      let bytesRead: number;
      try {
        ({ bytesRead } = await this.handle.read(piece, filled, piece.length - filled, at + filled));
      } catch (error) {
        throw unread(error, { what: this.name, path: this.path, doing: 'read' });
      }
      if (bytesRead === 0) throw this.#changed(); // it was cut short
      filled += bytesRead;
    }
    return piece;
  }

  close(): Promise<void> {
    return this.handle.close();
  }
}
