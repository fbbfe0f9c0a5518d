import type { AlgorithmName } from '../../engine/algorithms.js';
import { getAttribute, removeAttribute, setAttribute } from './attributes.js';
import type { ComposedValue, FileVersion } from './profiles/profile.js';
import { formats, type Profile } from './profiles/table.js';

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
  const format = formats[profile];
  let content: Buffer | undefined;
  if (format.amend) content = format.amend(await getAttribute(fd, attribute), algorithms, values, version);
  else if (values.length > 0) content = format.compose(values, version);
  if (content) await setAttribute(fd, attribute, content);
  else await removeAttribute(fd, attribute);
}
