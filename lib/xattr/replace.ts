import type { AlgorithmName } from '../engine/algorithms.js';
import { getAttribute, removeAttribute, setAttribute } from './attributes.js';
import type { ComposedValue, FileVersion, StatedValue } from './profiles/profile.js';
import { formats, type Profile } from './profiles/table.js';

const lasts = (each: StatedValue): each is StatedValue & ComposedValue =>
  each.state === 'fresh' && each.origin !== undefined;

/**
 * Puts values (none: nothing) in the place of what an attribute states of `algorithms`. What it states of others stays
 * while it holds for this version of the file; an attribute that would state nothing is removed.
 */
export async function replaceValues(
  fd: number,
  profile: Profile,
  attribute: string,
  algorithms: readonly AlgorithmName[],
  values: readonly ComposedValue[],
  version: FileVersion,
): Promise<void> {
  const { attributes, parse, compose } = formats[profile];
  const sharers = Object.values(attributes).filter((name) => name === attribute).length;
  const content = sharers > algorithms.length ? await getAttribute(fd, attribute) : undefined;
  const stated = (content && parse(content, algorithms[0] as AlgorithmName, version)) ?? [];
  const staying = stated.filter(lasts).filter(({ algorithm }) => !algorithms.includes(algorithm));
  const all = [...staying, ...values];
  if (all.length > 0) await setAttribute(fd, attribute, compose(all, version));
  else await removeAttribute(fd, attribute);
}
