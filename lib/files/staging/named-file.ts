/** Removing and renaming a file only if it is still the one that was looked at. */

import { rejectUnknown } from '../../checksum/options.js';
import { type NativeStagingRefusal, native } from '../../native/index.js';
import { storeFailure } from '../../system/native-failures.js';
import { checkReplace, type FileIdentity, fromIdentity, type Replaceable } from './file-identity.js';
import { patience, patiently } from './patience.js';
import { type Destination, placeOf } from './staged-file.js';

export interface RemoveOptions {
  /** Only this file in this state is removed. Default: whatever has the name. */
  expected?: FileIdentity | undefined;
}

export interface MoveOptions {
  /** Only this file in this state is moved. Of a folder only dev and inode count. Default: whatever has the name. */
  expected?: FileIdentity | undefined;
  /** What may have the other name. Default: `nothing`. */
  replace?: Replaceable;
}

const identityIn = ({ expected }: RemoveOptions) =>
  expected === undefined ? undefined : fromIdentity('expected', expected);

type Place = ReturnType<typeof placeOf>;

/** Throws what a change was refused for. */
function check(refusal: NativeStagingRefusal | undefined, { root, path }: Place, target?: Place): void {
  if (!refusal) return;
  if (refusal.atTarget && target) throw storeFailure(refusal, target.path, { root: target.root });
  // What is in no folder is not there; only what is to be put into one needs it.
  throw storeFailure(refusal, path, { root, absent: 'file', dest: target?.path });
}

/**
 * Removes a file, and not another one that has its name by now.
 *
 * With `expected` the folder's lock is held from the look to the change, as `receive` holds it when it replaces a file:
 * in this process or another, none of those who hold it can put a new file there in between. What a program puts there
 * that does not know of the lock is seen, and put back.
 *
 * @throws SluiceError ERR_SLUICE_PRECONDITION if it is another file, or none; ERR_SLUICE_NOT_FOUND if nothing is
 * expected, and nothing there; ERR_SLUICE_IS_DIRECTORY; ERR_SLUICE_NOT_A_FILE if something is mounted on it;
 * ERR_SLUICE_BUSY if others keep the folder locked for three seconds; ERR_SLUICE_UNSUPPORTED if its file system has no
 * locks
 */
export async function removeFile(place: Destination, options: RemoveOptions = {}): Promise<void> {
  rejectUnknown(options, new Set(['expected']));
  const { root, path } = placeOf(place);
  const expected = identityIn(options);
  const refusal = await patiently<undefined>(patience.condition, (_, done) =>
    native.removeNamed(root, path, expected, done),
  );
  check(refusal, { root, path });
}

/**
 * Gives a file or folder another name in the same file system, in one step.
 *
 * Conditions hold as those of `removeFile` do, under the locks of both folders. What a program puts there that does not
 * know of these locks, between the last look and the change that follows at once, is not seen; but `nothing` is never
 * replaced.
 *
 * @throws SluiceError ERR_SLUICE_PRECONDITION if what has one of the names is not what it is to be; ERR_SLUICE_NO_FOLDER
 * if the other name's folder is missing; otherwise as `removeFile`
 */
export async function moveFile(from: Destination, to: Destination, options: MoveOptions = {}): Promise<void> {
  rejectUnknown(options, new Set(['expected', 'replace']));
  const { replace = 'nothing' } = options;
  checkReplace(replace);
  const [source, target] = [placeOf(from), placeOf(to)];
  const expected = identityIn(options);
  const replaced = typeof replace === 'object' ? fromIdentity('replace', replace) : undefined;
  const how = replace === 'any' ? 0 : replace === 'nothing' ? 1 : 2;
  const conditional = expected !== undefined || how === 2;
  const refusal = await patiently<undefined>(patience[conditional ? 'condition' : 'none'], (last, done) =>
    native.moveNamed(source.root, source.path, target.root, target.path, expected, how, replaced, last, done),
  );
  check(refusal, source, target);
}
