/** Worker threads: each has objects of its own, and may end at any moment. */

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const script = fileURLToPath(new URL('programs/workers.mjs', import.meta.url));

it.each([
  ['readTogether', '1225,1225,1225,1225'],
  ['endedWhileRecordsArrive', 'all ended'],
  ['statisticsOfEndedWorker', '1 0'],
  ['loadedByWorkersOnly', '1 poller'],
  ['exitWhileOneWaits', ''],
])(
  '%s',
  (scene, output) => {
    const ended = spawnSync(process.execPath, [script, scene], { encoding: 'utf8', timeout: 90_000 });
    expect(ended).toMatchObject({ status: 0, signal: null, stderr: '', stdout: output && `${output}\n` });
  },
  100_000,
);
