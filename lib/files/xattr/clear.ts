import { checkSelection, type Selection } from './options.js';
import { attributesOf } from './read.js';
import { replaceValues } from './replace.js';
import { stampsOf } from './version.js';

/**
 * Forgets the checksums kept with an open file, malformed ones included. Of an attribute that several algorithms share,
 * values of those not selected stay while they are fresh.
 */
export async function clearChecksums(fd: number, selection: Selection = {}): Promise<void> {
  const { profiles, algorithms } = checkSelection(selection);
  const now = await stampsOf(fd);
  for (const profile of profiles) {
    for (const [attribute, gone] of attributesOf(profile, algorithms)) {
      await replaceValues(fd, profile, attribute, gone, [], now);
    }
  }
}
