/**
 * Stages a file whose content is given, of so many bytes, and prints `made`, or the code of the error.
 *
 * node creating.mjs FILE BYTES
 */

import { StagedFile } from '#lib/files/staging/staged-file.js';

const [path, bytes] = process.argv.slice(2);
await StagedFile.create(path, { content: Buffer.alloc(Number(bytes)) }).then(
  () => console.log('made'),
  ({ code }) => console.log(code),
);
