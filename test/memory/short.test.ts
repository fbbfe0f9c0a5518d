/** Memory that runs out on a thread of a pool: an error of the job that needed it, and of nothing else. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, it } from 'vitest';
import { temporaryFolder } from '../helpers/files.js';
import { start } from '../helpers/program.js';

const program = (name: string) => new URL(`programs/${name}`, import.meta.url);
const folder = temporaryFolder();
const preloaded = join(folder, 'fail-malloc.so');
beforeAll(() => {
  const source = fileURLToPath(program('fail-malloc.c'));
  execFileSync('cc', ['-O2', '-Wall', '-shared', '-fPIC', source, '-o', preloaded]);
});

it.each(['checksum', 'relayIntoFile', 'relayThrough', 'relayThatWaits', 'stage', 'copy'])(
  '%s ends with ERR_SLUICE_LIMIT, whichever allocation fails',
  async (kind) => {
    const count = join(folder, `count-${kind}`);
    writeFileSync(count, Buffer.alloc(4));
    const env = { ...process.env, LD_PRELOAD: preloaded, FAIL_MALLOC: count };
    const { rest, complaints } = start(program('jobs.mjs'), [mkdtempSync(join(folder, 'jobs-')), kind], {
      env,
    });
    const printed = await rest();
    expect(complaints()).toBe('');
    // A sum goes on with fewer threads where only asking for another one fails.
    const { done: _, ...outcomes } = JSON.parse(printed);
    expect(outcomes).toEqual({ ERR_SLUICE_LIMIT: expect.any(Number) });
  },
);
