/**
 * Sums a file where a limit of the process is reached, and prints a line for each sum: its value and backend, or the
 * error's code and message. libuv's threads are made before.
 *
 * node limited.mjs SCENE PATH
 */

import { openSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { checksum } from 'sluice';

const [scene, path] = process.argv.slice(2);
await Promise.all(Array.from({ length: 8 }, () => stat('/')));

async function sum(options) {
  const line = await checksum(path, options).then(
    ({ hex, backend }) => `${hex} ${backend}`,
    ({ code, message }) => `${code} ${message}`,
  );
  console.log(line);
}

/** The kernel does not hold root to the limit of threads. */
function becomeUser() {
  process.setgid(65532);
  process.setuid(65532);
}

const scenes = {
  async noDescriptor() {
    await sum();
    try {
      for (;;) openSync('/dev/null');
    } catch (error) {
      if (error.code !== 'EMFILE') throw error;
    }
    await sum();
  },

  async noThread() {
    becomeUser();
    await sum();
  },

  async oneThread() {
    await checksum(path, { threads: 1 });
    becomeUser();
    await sum({ engine: 'userspace', threads: 8 });
  },
};

await scenes[scene]();
