/**
 * Sums a file as nobody in user space. Prints `reading` when it has begun, and at the end as JSON what the sum came to.
 *
 * node as-nobody.mjs FILE
 */

import { checksum } from 'sluice';

process.setgid(65534);
process.setuid(65534);
let begun = false;
function onProgress() {
  if (!begun) console.log('reading');
  begun = true;
}
const outcome = await checksum(process.argv[2], { engine: 'userspace', onProgress }).then(
  ({ hex, writers }) => ({ hex, writers }),
  ({ code, path }) => ({ code, path }),
);
console.log(JSON.stringify(outcome));
