// Prints as JSON how often something in FOLDER was still open when the promise that it is closed was kept.
// usage: node closed.mjs FOLDER ROUNDS
import { readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { open } from '#lib/files/open-file.js';
import { StagedFile } from '#lib/files/staging/staged-file.js';

const [folder, rounds] = process.argv.slice(2);
const there = join(folder, 'there');
writeFileSync(there, 'abc');

function isOpen() {
  return readdirSync('/proc/self/fd').some((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith(folder);
    } catch {
      return false; // the descriptor by which the folder was read
    }
  });
}

const kinds = {
  discard: async () =>
    (await StagedFile.create(join(folder, 'new'), { content: Buffer.from('abc') })).discard(),
  publish: async () => (await StagedFile.create(there)).publish(),
  refusal: () => StagedFile.create(join(folder, 'absent/new')).catch(() => {}),
  close: async () => (await open(there, 0)).close(),
};

const left = {};
for (const [kind, run] of Object.entries(kinds)) {
  left[kind] = 0;
  for (let round = 0; round < Number(rounds); round++) {
    await run();
    if (isOpen()) left[kind] += 1;
  }
}
process.stdout.write(`${JSON.stringify(left)}\n`);
