/**
 * Removes a file, if it is still the one that it saw first, and prints `removed`, or the code of the error.
 *
 * node removing.mjs FILE
 */

import { statSync } from 'node:fs';
import { removeFile } from '#lib/files/staging/named-file.js';

const [path] = process.argv.slice(2);
await removeFile(path, { expected: statSync(path, { bigint: true }) }).then(
  () => console.log('removed'),
  ({ code }) => console.log(code),
);
