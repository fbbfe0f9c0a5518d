import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { isMissing, isThere } from '../errors/errno.js';

/**
 * Makes a folder, and those on the way to it. Not by mkdirSync's `recursive`, which tries for ever where mkdir says ENOENT
 * in a folder that is there, as it does in /proc.
 *
 * @param folder an absolute path
 */
export function makeFolders(folder: string, mode = 0o777): void {
  try {
    mkdirSync(folder, { mode });
  } catch (error) {
    if (isThere(error) && statSync(folder).isDirectory()) return;
    if (!isMissing(error)) throw error;
    makeFolders(dirname(folder), mode);
    mkdirSync(folder, { mode });
  }
}
