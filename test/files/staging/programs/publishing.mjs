/**
 * Stages and publishes until it is told to stop, and says how many; anything that goes wrong ends it.
 *
 * node publishing.mjs FOLDER NAME
 */

import { readFileSync, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { StagedFile } from '#lib/files/staging/staged-file.js';

const [folder, name] = process.argv.slice(2);
let on = true;
process.stdin.once('data', () => {
  on = false;
});
let round = 0;
for (; on; round++) {
  const path = `${folder}/${name}-${round % 50}`;
  const file = await StagedFile.create(path);
  writeSync(file.fd, path);
  if (round % 3 === 0) await sleep(2);
  if (round % 5 === 0) {
    await file.discard();
    continue;
  }
  await file.publish();
  if (readFileSync(path, 'utf8') !== path) throw new Error(`lost ${path}`);
}
console.log(round);
process.exit();
