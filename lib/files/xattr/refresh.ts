import type { Checksums } from '../../engine/checksums.js';
import { checkSelection } from './options.js';
import type { FileVersion, Origin } from './profiles/profile.js';
import { isAbout, parseRecord, recordAttribute } from './profiles/record.js';
import { formats, type Profile } from './profiles/table.js';
import { statedIn } from './read.js';
import { replacedContent } from './replace.js';
import { outdatedOnes, targetsOf } from './store.js';

/** An attribute and its new value, or none to remove it. */
export type AttributeChange = readonly [name: string, value: Buffer | undefined];

export interface Refreshed {
  profiles: readonly Profile[];
  origin: Origin;
  /** The version of the file that the values are of. */
  version: FileVersion;
  /** Somebody had it open for writing since anything was stored: a value that differs is no sign of rot. */
  written: boolean;
}

/**
 * What `storeChecksums` would change of a file's attributes, for a caller that reads and sets them itself.
 *
 * @param kept of all attributes that a profile has, those that the file has
 * @returns undefined where nothing may be stored: the file was found rotten, or what is stored for just this version differs
 * @throws SluiceError ERR_SLUICE_NO_SPACE where what is kept leaves no room in `attribute`
 */
export function refreshedAttributes(
  kept: ReadonlyMap<string, Buffer>,
  fresh: Checksums,
  { profiles, origin, version, written }: Refreshed,
): AttributeChange[] | undefined {
  const contents = new Map<string, Buffer | undefined>(kept);
  const content = kept.get(recordAttribute);
  const record = content && parseRecord(content);
  if (record && isAbout(record, version) && record.fields.has('rot')) return undefined;
  const stored = kept.size === 0 ? [] : statedIn(kept, version, checkSelection({}));
  const differs = stored.some(
    (each) =>
      each.state === 'fresh' &&
      !formats[each.profile].wholeSeconds &&
      fresh.get(each.algorithm) !== undefined &&
      fresh.get(each.algorithm) !== each.value,
  );
  if (differs && !written) return undefined;
  const changed = new Set<string>();
  const replace = (
    attribute: string,
    ...how: Parameters<typeof replacedContent> extends [unknown, ...infer Rest] ? Rest : never
  ) => {
    contents.set(attribute, replacedContent(contents.get(attribute), ...how));
    changed.add(attribute);
  };
  for (const { profile, attribute, algorithm } of outdatedOnes(stored)) {
    const value = fresh.get(algorithm);
    replace(
      attribute,
      profile,
      [algorithm],
      value === undefined ? [] : [{ algorithm, value, origin }],
      version,
    );
  }
  for (const { profile, attribute, algorithms, values } of targetsOf(fresh, { profiles, origin })) {
    replace(attribute, profile, algorithms, values, version);
  }
  return [...changed].map((name) => [name, contents.get(name)]);
}
