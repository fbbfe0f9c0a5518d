/**
 * Publishes `new` in the place of a file, on the condition REPLACE, and prints `published`, or the code of the error.
 *
 * node replacing.mjs FILE REPLACE
 */

import { writeSync } from 'node:fs';
import { StagedFile } from '#lib/files/staging/staged-file.js';

const [path, replace] = process.argv.slice(2);
const file = await StagedFile.create(path);
writeSync(file.fd, 'new');
await file.publish({ replace }).then(
  () => console.log('published'),
  ({ code }) => console.log(code),
);
