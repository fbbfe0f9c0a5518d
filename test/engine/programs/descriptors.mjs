/**
 * Sums a file in the kernel many times, and prints as JSON what the process has open after that, and after twice as many
 * again.
 *
 * node descriptors.mjs FILE ROUNDS
 */

import { readdirSync, readlinkSync } from 'node:fs';
import { checksum } from 'sluice';

const [file, rounds] = process.argv.slice(2);

async function sumMany(times) {
  for (let i = 0; i < times; i++) await checksum(file, { engine: 'kernel', threads: 2 });
}

function open() {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/self/fd/${fd}`)];
    } catch {
      return []; // the descriptor by which the folder was read
    }
  });
}

await sumMany(Number(rounds));
const before = open().sort();
await sumMany(2 * Number(rounds));
console.log(JSON.stringify({ before, after: open().sort() }));
