/** What is closed when a promise says so. */

import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../helpers/files.js';
import { start } from '../helpers/program.js';

const program = new URL('programs/closed.mjs', import.meta.url);

// On one processor the thread that did the work often has to wait, before it lets go, until JavaScript was told.
it('no descriptor is open any more when a promise says that a file is closed', {
  timeout: 120_000,
}, async () => {
  const [, processor = '0'] =
    /^Cpus_allowed_list:\s*(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  const under = ['taskset', '-c', processor];
  const printed = await start(program, [temporaryFolder(), '1000'], { under }).rest();
  expect(JSON.parse(printed)).toEqual({ discard: 0, publish: 0, refusal: 0, close: 0 });
});
