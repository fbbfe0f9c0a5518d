import type { FileLike } from '../../checksum/file-like.js';
import { withDescriptor } from './open.js';
import { checkSelection, type Selection } from './options.js';
import { attributesOf } from './read.js';
import { replaceValues } from './replace.js';
import { stampsOf } from './version.js';

/**
 * Forgets the checksums kept with a file, malformed ones included. Of an attribute that several algorithms share,
 * values of those not selected stay while they are fresh.
 */
export async function clearChecksums(file: FileLike, selection: Selection = {}): Promise<void> {
  const checked = checkSelection(selection);
  await withDescriptor(file, (fd) => clear(fd, checked));
}

async function clear(fd: number, { profiles, algorithms }: Required<Selection>): Promise<void> {
  const now = await stampsOf(fd);
  for (const profile of profiles) {
    for (const [attribute, gone] of attributesOf(profile, algorithms)) {
      await replaceValues(fd, profile, attribute, gone, [], now);
    }
  }
}
