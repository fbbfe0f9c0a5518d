/**
 * Makes and removes the same ten files again and again, until it is ended. Prints a line when it has begun.
 *
 * node churning.mjs FOLDER
 */

import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [folder] = process.argv.slice(2);
const files = Array.from({ length: 10 }, (_, i) => join(folder, `${i}`));
console.log('begun');
for (;;) {
  for (const file of files) writeFileSync(file, '');
  for (const file of files) rmSync(file);
}
