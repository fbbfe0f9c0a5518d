/**
 * Sums a file past the page cache again and again, and prints as JSON what that came to: `summed`, and codes of errors.
 *
 * node bypassing.mjs FILE TRIES
 */

import { checksum } from 'sluice';

const [file, tries] = process.argv.slice(2);
const seen = new Set();
for (let i = 0; i < Number(tries); i++) {
  const outcome = await checksum(file, { cache: 'bypass' }).then(
    () => 'summed',
    ({ code }) => code,
  );
  seen.add(outcome);
}
console.log(JSON.stringify([...seen]));
