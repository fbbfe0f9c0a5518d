/**
 * Stages a file, and exits with 3.
 *
 * node exiting.mjs FILE
 */

import { StagedFile } from '#lib/files/staging/staged-file.js';

const file = await StagedFile.create(process.argv[2]);
if (!(file.fd > 2)) process.exit(4);
process.exit(3);
