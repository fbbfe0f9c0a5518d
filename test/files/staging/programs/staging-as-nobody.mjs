/**
 * Stages a file in a folder as nobody, and prints the names in that folder.
 *
 * node staging-as-nobody.mjs FOLDER
 */

import { readdirSync } from 'node:fs';
import { StagedFile } from '#lib/files/staging/staged-file.js';

const [folder] = process.argv.slice(2);
process.setgid(65534);
process.setuid(65534);
await StagedFile.create(`${folder}/file`);
console.log(readdirSync(folder).sort().join());
