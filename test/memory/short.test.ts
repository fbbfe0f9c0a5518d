/** Memory that runs out on a thread of a pool: an error of the job that needed it, and of nothing else. */

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, it } from 'vitest';
import { temporaryFolder } from '../helpers/files.js';

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const folder = temporaryFolder();
const preloaded = join(folder, 'fail-malloc.so');
beforeAll(() => {
  execFileSync('cc', ['-O2', '-Wall', '-shared', '-fPIC', here('programs/fail-malloc.c'), '-o', preloaded]);
});

it.each(['checksum', 'relayIntoFile', 'relayThrough', 'relayThatWaits', 'stage', 'copy'])(
  '%s ends with ERR_SLUICE_LIMIT, whichever allocation fails',
  (kind) => {
    const count = join(folder, `count-${kind}`);
    writeFileSync(count, Buffer.alloc(4));
    const { status, signal, stdout, stderr } = spawnSync(
      process.execPath,
      [here('programs/jobs.mjs'), mkdtempSync(join(folder, 'jobs-')), kind],
      {
        encoding: 'utf8',
        env: { ...process.env, LD_PRELOAD: preloaded, FAIL_MALLOC: count },
        timeout: 50_000,
      },
    );
    expect({ status, signal, stderr }).toEqual({ status: 0, signal: null, stderr: '' });
    // A sum goes on with fewer threads where only asking for another one fails.
    const { done: _, ...outcomes } = JSON.parse(stdout);
    expect(outcomes).toEqual({ ERR_SLUICE_LIMIT: expect.any(Number) });
  },
);
