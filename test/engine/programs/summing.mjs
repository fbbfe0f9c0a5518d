/**
 * Sums a file with any engine, then with the kernel engine, and probes. Prints as JSON what came of each.
 *
 * node summing.mjs FILE
 */

import { checksum, probe } from 'sluice';

const [file] = process.argv.slice(2);
const sum = (engine) =>
  checksum(file, { engine }).then(
    ({ hex, backend }) => ({ hex, backend }),
    ({ code, message }) => ({ code, message }),
  );
const auto = await sum('auto');
const kernel = await sum('kernel');
console.log(JSON.stringify({ auto, kernel, probed: probe().backends.bpf }));
