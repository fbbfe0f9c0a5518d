import { constants } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { errnoOf, isTooLong, leadsNowhere } from '../errors/errno.js';
import { SluiceError } from '../errors/errors.js';
import { withoutProc } from '../errors/policy.js';
import { type FileHandle, open } from '../files/open-file.js';
import { checkDownward } from '../files/staging/staged-file.js';

/** Of linux/fcntl.h, the same on x86-64 and arm64: a handle on a place, without a right to read it. */
const O_PATH = 0o10000000;
const folder = O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/** A folder on the way is missing, or something else: a symbolic link, for one. */
const isNone = (error: unknown) => leadsNowhere(error) || isTooLong(error);

async function isLink(path: string): Promise<boolean> {
  return await lstat(path).then(
    (stats) => stats.isSymbolicLink(),
    () => false,
  );
}

/**
 * Calls `work` with a path by which this process reaches what `path` leads to beneath `root`. Each folder on the way is
 * opened from the one before, so that nobody who renames or links meanwhile can lead out, and a symbolic link on the
 * way ends it; one at its end is up to `work`. The path it gets is good until `work` is done.
 *
 * @param path with slashes between the names
 * @throws SluiceError ERR_SLUICE_NOT_FOUND if a folder on the way is missing or none; ERR_SLUICE_OUTSIDE for `..`, and if
 * one is a symbolic link
 */
export async function beneath<T>(root: string, path: string, work: (path: string) => Promise<T>): Promise<T> {
  checkDownward(path);
  const names = path.split('/').filter((name) => name !== '' && name !== '.');
  let here: FileHandle = await open(root, O_PATH | constants.O_DIRECTORY).catch((cause) => {
    if (!isNone(cause)) throw cause;
    // No client is the cause of that.
    throw new SluiceError('ERR_SLUICE_IO', `The root ${root} could not be opened (${cause.code})`, {
      path: root,
      cause,
      remedy: 'Make or mount the folder that is served.',
    });
  });
  try {
    for (const name of names.slice(0, -1)) {
      const way = `/proc/self/fd/${here.fd}/${name}`;
      const next = await open(way, folder).catch(async (error) => {
        if (!isNone(error)) throw error;
        if (await isLink(way))
          throw new SluiceError('ERR_SLUICE_OUTSIDE', `The way to ${path} leads through a symbolic link`, {
            path,
          });
        throw new SluiceError('ERR_SLUICE_NOT_FOUND', `The folder of ${path} does not exist`, {
          path,
          errno: errnoOf(error),
        });
      });
      await here.close();
      here = next;
    }
    return await work(`/proc/self/fd/${here.fd}/${names.at(-1) ?? '.'}`);
  } catch (error) {
    throw (
      withoutProc(`What lies beneath ${root} can be opened`, (error as NodeJS.ErrnoException).errno) ?? error
    );
  } finally {
    await here.close();
  }
}
