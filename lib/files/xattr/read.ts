import type { BigIntStats } from 'node:fs';
import type { FileLike } from '../../checksum/file-like.js';
import { type AlgorithmName, toHex } from '../../engine/algorithms.js';
import { getAttribute } from './attributes.js';
import { withDescriptor } from './open.js';
import { checkSelection, type Selection } from './options.js';
import type { FileVersion, StatedValue } from './profiles/profile.js';
import { recordAttribute } from './profiles/record.js';
import { formats, type Profile } from './profiles/table.js';
import { type Standing, standingIn } from './rot.js';
import { stampsOf } from './version.js';

/** A checksum that is kept with a file. */
export interface StoredChecksum extends StatedValue {
  readonly profile: Profile;
  /** The attribute that keeps it. */
  readonly attribute: string;
  /** The value in lower-case hexadecimal, 8 or 16 digits. */
  readonly hex: string;
}

/** An attribute whose content is not in its profile's form, and states no value. */
export interface MalformedChecksum {
  readonly profile: Profile;
  readonly attribute: string;
  /** The algorithms whose values it should keep. */
  readonly algorithms: readonly AlgorithmName[];
  readonly state: 'malformed';
}

/** Attributes of a profile, each with the algorithms, of those given, that it keeps. */
export function attributesOf(
  profile: Profile,
  algorithms: readonly AlgorithmName[],
): Map<string, AlgorithmName[]> {
  const found = new Map<string, AlgorithmName[]>();
  for (const algorithm of algorithms) {
    const name = formats[profile].attributes[algorithm];
    if (name !== undefined) found.set(name, [...(found.get(name) ?? []), algorithm]);
  }
  return found;
}

/** The attributes in which the profiles keep values of the algorithms. */
function placesOf({ profiles, algorithms }: Required<Selection>) {
  return profiles.flatMap((profile) =>
    [...attributesOf(profile, algorithms)].map(([attribute, kept]) => ({ profile, attribute, kept })),
  );
}

/** @internal Their names, and that of the record, which says whether the file was found rotten. */
export function attributeNames(selection: Required<Selection>): string[] {
  return [...new Set([recordAttribute, ...placesOf(selection).map(({ attribute }) => attribute)])];
}

/** @internal What attributes, by name, say of a file that is `now`. */
export function statedIn(
  contents: ReadonlyMap<string, Buffer | undefined>,
  now: FileVersion,
  selection: Required<Selection>,
): (StoredChecksum | MalformedChecksum)[] {
  return placesOf(selection).flatMap(
    ({ profile, attribute, kept }): (StoredChecksum | MalformedChecksum)[] => {
      const content = contents.get(attribute);
      if (content === undefined) return [];
      const stated = formats[profile].parse(content, kept[0] as AlgorithmName, now);
      if (stated === undefined) return [{ profile, attribute, algorithms: kept, state: 'malformed' }];
      return stated
        .filter(({ algorithm }) => kept.includes(algorithm))
        .map((each) => ({ ...each, profile, attribute, hex: toHex(each.algorithm, each.value) }));
    },
  );
}

/** @internal As readChecksums, with options already checked and the file's stamps already read; and whether it is rotten. */
export async function readKept(
  fd: number,
  now: BigIntStats,
  selection: Required<Selection>,
): Promise<{ checksums: (StoredChecksum | MalformedChecksum)[]; standing: Standing }> {
  const contents = new Map(
    await Promise.all(
      attributeNames(selection).map(async (name) => [name, await getAttribute(fd, name)] as const),
    ),
  );
  return {
    checksums: statedIn(contents, now, selection),
    standing: standingIn(contents.get(recordAttribute), now),
  };
}

/**
 * The checksums kept with a file, by profile. What was stored for another version of the file is `stale`; what is
 * not in its profile's form is reported, and has no value.
 *
 * @throws SluiceError ERR_SLUICE_NO_ATTRIBUTES where the file system keeps no attributes
 */
export async function readChecksums(
  file: FileLike,
  selection: Selection = {},
): Promise<(StoredChecksum | MalformedChecksum)[]> {
  const checked = checkSelection(selection);
  return withDescriptor(file, async (fd) => (await readKept(fd, await stampsOf(fd), checked)).checksums);
}
