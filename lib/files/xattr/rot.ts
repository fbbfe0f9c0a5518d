/**
 * The mark of a version of a file that was found rotten: a field of `user.sluice`, so that it goes where the file goes
 * and outlives the process; in memory where that attribute can't be written.
 */

import type { BigIntStats } from 'node:fs';
import type { FileLike } from '../../checksum/file-like.js';
import { SluiceError } from '../../errors/errors.js';
import { getAttribute, setAttribute } from './attributes.js';
import { withDescriptor } from './open.js';
import { amendRecord, isAbout, parseRecord, type RecordKey, recordAttribute } from './profiles/record.js';
import { sameVersion, stampsOf } from './version.js';

/** What was found out about a version of a file. */
export interface Standing {
  /** When it was found rotten: its bytes are not those that a checksum was stored of. */
  readonly rot?: Date;
  /** When, after it had been found rotten, it was found good, or its checksums were set anew. */
  readonly repaired?: Date;
  /**
   * Only this process remembers that it was found rotten, and its inode was changed since: it may have been restored with its
   * old time. A verification says.
   */
  readonly touched?: true;
}

/** Of so many versions something is remembered, the youngest ones. */
const most = 10_000;

export const versionKey = ({ dev, ino, birthtimeNs, size, mtimeNs }: BigIntStats): string =>
  [dev, ino, birthtimeNs, size, mtimeNs].join();

/** Keeps the youngest entries. */
export class Recent<T> extends Map<string, T> {
  override set(key: string, value: T): this {
    this.delete(key);
    super.set(key, value);
    const [oldest] = this.keys();
    if (this.size > most) this.delete(oldest as string);
    return this;
  }
}

interface Remembered extends Pick<Standing, 'rot' | 'repaired'> {
  /** Of the file as it was found: a mark that its attribute keeps goes with a repair by whichever process, this one does not. */
  readonly ctimeNs: bigint;
}

const remembered = new Recent<Remembered>();

function timeIn(text: string | undefined): Date | undefined {
  return text === undefined ? undefined : new Date(Number.parseInt(text, 10) * 1000);
}

/** @param content of `user.sluice` */
export function standingIn(content: Buffer | undefined, now: BigIntStats): Standing {
  const record = content && parseRecord(content);
  const fields = record && isAbout(record, now) ? record.fields : undefined;
  const [rot, repaired] = [timeIn(fields?.get('rot')), timeIn(fields?.get('repaired'))];
  const kept = { ...(rot && { rot }), ...(repaired && { repaired }) };
  const memory = remembered.get(versionKey(now));
  if (memory === undefined) return kept;
  const { ctimeNs, ...standing } = memory;
  const touched = memory.rot !== undefined && rot === undefined && ctimeNs !== now.ctimeNs;
  return { ...kept, ...standing, ...(touched && { touched }) };
}

/**
 * Whether the file, as it is now, was found rotten before, by whichever process.
 *
 * @param file what is open is open for reading
 * @throws SluiceError if its attributes may not be read
 */
export function readStanding(file: FileLike): Promise<Standing> {
  return withDescriptor(file, standingOf);
}

async function standingOf(fd: number): Promise<Standing> {
  const now = await stampsOf(fd);
  const content = await getAttribute(fd, recordAttribute).catch((error) => {
    if (error.code !== 'ERR_SLUICE_NO_ATTRIBUTES') throw error;
    return undefined;
  });
  return standingIn(content, now);
}

/** Changes the record of this version; returns why it could not. */
async function amend(
  fd: number,
  version: BigIntStats,
  changes: [RecordKey, string | undefined][],
): Promise<SluiceError | undefined> {
  try {
    const content = await getAttribute(fd, recordAttribute);
    // Another version of this package may have written it: then it is not for this one to overwrite.
    if (content && !parseRecord(content))
      return new SluiceError('ERR_SLUICE_IO', `The attribute ${recordAttribute} is malformed`, {
        attribute: recordAttribute,
        remedy: 'See who writes it; `sluice attr clear` removes it.',
      });
    // Of a version that is no more nothing is to be said, and what is kept with the next one is not to be lost.
    if (!sameVersion(await stampsOf(fd), version)) return undefined;
    await setAttribute(fd, recordAttribute, amendRecord(content, version, changes) as Buffer);
    return undefined;
  } catch (error) {
    if (error instanceof SluiceError) return error;
    throw error;
  }
}

async function standingNow(fd: number, version: BigIntStats): Promise<Standing> {
  return standingIn(await getAttribute(fd, recordAttribute).catch(() => undefined), version);
}

const now = () => Math.floor(Date.now() / 1000);

/**
 * Marks a version of a file as rotten. No part of it is served any more, no checksum of it stated.
 *
 * @returns why the mark could not be kept with the file; then this process remembers it
 */
export async function markRotten(fd: number, version: BigIntStats): Promise<SluiceError | undefined> {
  const known = await standingNow(fd, version);
  if (known.rot && !known.touched) return undefined;
  const { rot = new Date(now() * 1000), repaired } = known;
  const failure = await amend(fd, version, [['rot', String(Number(rot) / 1000)]]);
  if (failure) {
    const { ctimeNs } = version;
    remembered.set(versionKey(version), { rot, ...(repaired && { repaired }), ctimeNs });
  }
  return failure;
}

/**
 * Takes the mark away. That the version had one stays known, by its entity tag for one: who has a part of the rotten
 * bytes must not add one of the others to it.
 *
 * @returns why that could not be kept with the file; if the mark itself was, it is there still
 */
export async function clearMark(fd: number, version: BigIntStats): Promise<SluiceError | undefined> {
  const { repaired } = await standingNow(fd, version);
  const seconds = Math.max(now(), repaired ? Number(repaired) / 1000 + 1 : 0); // another one than the last time
  const failure = await amend(fd, version, [
    ['rot', undefined],
    ['repaired', String(seconds)],
  ]);
  const key = versionKey(version);
  if (failure === undefined) remembered.delete(key);
  else if (remembered.has(key))
    remembered.set(key, { repaired: new Date(seconds * 1000), ctimeNs: version.ctimeNs });
  return failure;
}
