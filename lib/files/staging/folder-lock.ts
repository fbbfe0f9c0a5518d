/** The lock under which the names in a folder, and the attributes of what has them, are changed. */

import { constants } from 'node:fs';
import { native } from '../../native/index.js';
import { storeFailure } from '../../system/native-failures.js';
import { open } from '../open-file.js';
import { patience, patiently } from './patience.js';

/**
 * Does `work` while no file in a folder is replaced, nor removed or moved on a condition, by anybody who holds its lock
 * for that: `receive`, `removeFile` and `moveFile` in this process and others. None of them may be called by `work`: they
 * would wait for it. Be quick: those without a condition wait for 0.2 seconds, and go on.
 *
 * @throws SluiceError ERR_SLUICE_BUSY if others keep it for three seconds; ERR_SLUICE_UNSUPPORTED if the file system
 * has no locks
 */
export async function withFolderLocked<T>(folder: string, work: () => Promise<T>): Promise<T> {
  // Node closes it with the environment, should that end first, and the lock is gone.
  const handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    const refusal = await patiently<undefined>(patience.condition, (_, done) =>
      native.lockFolder(handle.fd, done),
    );
    if (refusal) throw storeFailure(refusal, folder);
    return await work();
  } finally {
    await handle.close();
  }
}
