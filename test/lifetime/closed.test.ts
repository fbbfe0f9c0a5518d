/** What is closed when a promise says so. */

import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../helpers/files.js';

const program = fileURLToPath(new URL('programs/closed.mjs', import.meta.url));

// On one processor the thread that did the work often has to wait, before it lets go, until JavaScript was told.
it('no descriptor is open any more when a promise says that a file is closed', {
  timeout: 120_000,
}, async () => {
  const [, processor = '0'] =
    /^Cpus_allowed_list:\s*(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  const args = ['-c', processor, process.execPath, program, temporaryFolder(), '1000'];
  const { stdout } = await promisify(execFile)('taskset', args);
  expect(JSON.parse(stdout)).toEqual({ discard: 0, publish: 0, refusal: 0, close: 0 });
});
