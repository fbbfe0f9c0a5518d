import { execFileSync } from 'node:child_process';
import { linkSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { directory, sluice } from './run.js';

it('1. a file that is to be copied to itself is left alone', async () => {
  const cwd = directory();
  const path = join(cwd, 'source');
  writeFileSync(path, 'content');
  execFileSync('setfattr', ['-n', 'user.note', '-v', 'kept', path]);
  linkSync(path, join(cwd, 'linked'));
  const before = statSync(path, { bigint: true });
  for (const to of ['source', '.', './source', 'linked']) {
    expect(await sluice(['copy', 'source', to], { cwd })).toEqual({
      stdout: '',
      stderr: expect.stringMatching(/^sluice: source and (.\/)?(source|linked) are the same file/),
      status: 1,
    });
  }
  expect(statSync(path, { bigint: true })).toEqual(before);
});
