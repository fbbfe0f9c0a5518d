import type { AlgorithmName } from '../../engine/algorithms.js';
import { getAttribute, removeAttribute, setAttribute } from './attributes.js';
import type { ComposedValue, FileVersion } from './profiles/profile.js';
import { formats, type Profile } from './profiles/table.js';

/**
 * What an attribute is to hold so that it states values (none: nothing) in the place of what it states of `algorithms`;
 * undefined where it would say nothing.
 *
 * @param content what it holds now
 */
export function replacedContent(
  content: Buffer | undefined,
  profile: Profile,
  algorithms: readonly AlgorithmName[],
  values: readonly ComposedValue[],
  version: FileVersion,
): Buffer | undefined {
  const format = formats[profile];
  if (format.amend) return format.amend(content, algorithms, values, version);
  return values.length > 0 ? format.compose(values, version) : undefined;
}

/**
 * Puts values (none: nothing) in the place of what an attribute states of `algorithms`. What else it says of this version
 * of the file stays; an attribute that would say nothing is removed.
 */
export async function replaceValues(
  fd: number,
  profile: Profile,
  attribute: string,
  algorithms: readonly AlgorithmName[],
  values: readonly ComposedValue[],
  version: FileVersion,
): Promise<void> {
  const former = formats[profile].amend ? await getAttribute(fd, attribute) : undefined;
  const content = replacedContent(former, profile, algorithms, values, version);
  if (content) await setAttribute(fd, attribute, content);
  else await removeAttribute(fd, attribute);
}
