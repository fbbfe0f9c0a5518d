/** The line of text in `user.sluice`. Its grammar is in docs/stored-checksums.md; it is read by older versions, too. */

import { type AlgorithmName, algorithms, toHex } from '../../../engine/algorithms.js';
import { SluiceError } from '../../../errors/errors.js';
import type { FileVersion } from './profile.js';

export const recordAttribute = 'user.sluice';

/** In bytes. ext4 keeps all attributes of a file in its inode and one block. */
const longest = 1024;

const line = /^v1(?: [a-z0-9._-]+=[\x21-\x7e]+)+$/;
const flags = '(?:/[\\x21-\\x2e\\x30-\\x7e]+)';
const integer = /^-?\d{1,20}$/;

/** What the value of a known key looks like; `size` and `mtime` are no fields of the record, but what it is about. */
const forms: ReadonlyMap<string, RegExp> = new Map([
  ...algorithms.map(
    (name) => [name, new RegExp(`^[0-9a-f]{${toHex(name, 0n).length}}${flags}+$`)] as [string, RegExp],
  ),
  ...['rot', 'repaired'].map((name) => [name, new RegExp(`^\\d{1,12}${flags}*$`)] as [string, RegExp]),
]);

/** A key that this version knows. */
export type RecordKey = AlgorithmName | 'rot' | 'repaired';

export interface FileRecord {
  /** What all fields are about. */
  readonly version: FileVersion;
  /** What stands behind the `=`. */
  readonly fields: ReadonlyMap<RecordKey, string>;
  /** Whole fields of keys that are unknown here: they stay as long as the version does. */
  readonly others: readonly string[];
}

/** Undefined where the content is malformed. */
export function parseRecord(content: Buffer): FileRecord | undefined {
  const text = content.toString('latin1');
  if (content.length > longest || !line.test(text)) return undefined;
  const stamps = new Map<string, string>();
  const fields = new Map<RecordKey, string>();
  const others: string[] = [];
  for (const field of text.split(' ').slice(1)) {
    const equals = field.indexOf('=');
    const [key, value] = [field.slice(0, equals), field.slice(equals + 1)];
    const isStamp = key === 'size' || key === 'mtime';
    const form = isStamp ? integer : forms.get(key);
    if (form === undefined) others.push(field);
    else if (stamps.has(key) || fields.has(key as RecordKey) || !form.test(value)) return undefined;
    else if (isStamp) stamps.set(key, value);
    else fields.set(key as RecordKey, value);
  }
  const [size, mtime] = [stamps.get('size'), stamps.get('mtime')];
  if (size === undefined || mtime === undefined || size.startsWith('-')) return undefined;
  if (fields.size + others.length === 0) return undefined; // it says nothing, which nobody writes
  return { version: { size: BigInt(size), mtimeNs: BigInt(mtime) }, fields, others };
}

export function isAbout({ version }: FileRecord, now: FileVersion): boolean {
  return version.size === now.size && version.mtimeNs === now.mtimeNs;
}

/** Of a value the origin stays. */
function withoutFlags(value: string, key: RecordKey): string {
  const parts = key === 'rot' || key === 'repaired' ? 1 : 2;
  return value.split('/', parts).join('/');
}

/**
 * A record with changes: what it says of another version is dropped, and of this one all else is kept.
 *
 * @param content malformed or none: nothing is kept
 * @param changes what stands behind the `=`; undefined removes the field
 * @returns undefined where nothing is left to be said
 * @throws SluiceError ERR_SLUICE_NO_SPACE if it would be too long, as with an origin of a later version may be
 */
export function amendRecord(
  content: Buffer | undefined,
  version: FileVersion,
  changes: Iterable<readonly [RecordKey, string | undefined]>,
): Buffer | undefined {
  const former = content && parseRecord(content);
  const kept = former && isAbout(former, version) ? former : undefined;
  const fields = new Map(kept?.fields);
  for (const [key, value] of changes) {
    if (value === undefined) fields.delete(key);
    else fields.set(key, value);
  }
  const others = kept?.others ?? [];
  if (fields.size + others.length === 0) return undefined;
  const lineOf = (shorten: (value: string, key: RecordKey) => string, more: readonly string[]) => {
    const known = [...fields].map(([key, value]) => `${key}=${shorten(value, key)}`).sort();
    return [`v1 size=${version.size} mtime=${version.mtimeNs}`, ...known, ...more].join(' ');
  };
  const asTheyAre = (value: string) => value;
  // What is unknown here goes first where there is no room, whole fields and then flags.
  const lines = [lineOf(asTheyAre, others), lineOf(asTheyAre, []), lineOf(withoutFlags, [])];
  const fitting = lines.find(({ length }) => length <= longest);
  if (fitting === undefined)
    throw new SluiceError(
      'ERR_SLUICE_NO_SPACE',
      `The attribute ${recordAttribute} would have more than ${longest} bytes`,
      { attribute: recordAttribute, remedy: 'See who writes it; `sluice attr clear` removes it.' },
    );
  return Buffer.from(fitting, 'latin1');
}
