/** Files with their checksums, and what disks do to them. */

import { closeSync, openSync, readFileSync, utimesSync, writeSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { createChecksum } from '../../lib/checksum/create-checksum.js';
import { storeChecksums } from '../../lib/files/xattr/index.js';
import { fileOf } from './files.js';

/** Changes one bit. */
export function overwrite(path: string, at: number): void {
  const fd = openSync(path, 'r+');
  const byte = readFileSync(path).subarray(at, at + 1);
  byte[0] = (byte[0] as number) ^ 0x10;
  writeSync(fd, byte, 0, 1, at);
  closeSync(fd);
}

/** Keeps checksums with a new file of random bytes, whose mtime can be set back to what it was. */
export async function storedFile(folder: string, size: number): Promise<string> {
  const path = fileOf(folder, size);
  utimesSync(path, 1e9, 1e9);
  const content = readFileSync(path);
  await using file = await open(path);
  await storeChecksums(file.fd, {
    adler32: createChecksum('adler32').update(content).digest(),
    crc32c: createChecksum('crc32c').update(content).digest(),
  });
  return path;
}

/** Changes one bit of a stored file without a trace in size or time, as a disk does. */
export function rot(path: string, at: number): void {
  overwrite(path, at);
  utimesSync(path, 1e9, 1e9);
}
