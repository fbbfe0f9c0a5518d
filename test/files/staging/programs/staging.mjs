/**
 * Stages a file in a folder, says so, and publishes it when it is told to.
 *
 * node staging.mjs FOLDER
 */

import { writeSync } from 'node:fs';
import { StagedFile } from '#lib/files/staging/staged-file.js';

const [folder] = process.argv.slice(2);
const file = await StagedFile.create(`${folder}/file`);
writeSync(file.fd, 'theirs');
console.log('staged');
process.stdin.once('data', async () => {
  await file.publish();
  process.exit();
});
