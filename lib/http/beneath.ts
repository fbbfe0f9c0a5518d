import { constants } from 'node:fs';
import { errnoOf, leadsNowhere } from '../errors/errno.js';
import { SluiceError } from '../errors/errors.js';
import { openBeneath } from '../files/open-file.js';
import { placeOf } from '../files/staging/staged-file.js';
import { withoutProc } from '../system/policy.js';

/** Of linux/fcntl.h, the same on x86-64 and arm64: a handle on a place, without a right to read it. */
const O_PATH = 0o10000000;

/**
 * Calls `work` with a path by which this process reaches what `path` leads to beneath `root`. Nobody who renames or links
 * in between can lead out, and a symbolic link on the way ends it; one at its end is up to `work`. The path it gets is good
 * until `work` is done.
 *
 * @param path with slashes between the names
 * @throws SluiceError ERR_SLUICE_NOT_FOUND if a folder on the way is missing or none; ERR_SLUICE_OUTSIDE for `..`, and if
 * one is a symbolic link; ERR_SLUICE_TOO_LONG if the name of one is too long for the file system; ERR_SLUICE_IO if
 * the root can't be opened
 */
export async function beneath<T>(root: string, path: string, work: (path: string) => Promise<T>): Promise<T> {
  const place = placeOf({ root, path });
  const names = place.path.split('/').filter((name) => name !== '' && name !== '.');
  const above = names.slice(0, -1).map((name) => `${name}/`);
  const flags = O_PATH | constants.O_DIRECTORY;
  await using here = await openBeneath(place.root, above.join(''), flags, path).catch((error) => {
    if (!leadsNowhere(error)) throw error;
    throw new SluiceError('ERR_SLUICE_NOT_FOUND', `The folder of ${path} does not exist`, {
      path,
      errno: errnoOf(error),
    });
  });
  try {
    return await work(`/proc/self/fd/${here.fd}/${names.at(-1) ?? '.'}`);
  } catch (error) {
    throw (
      withoutProc(`What lies beneath ${root} can be opened`, (error as NodeJS.ErrnoException).errno) ?? error
    );
  }
}
