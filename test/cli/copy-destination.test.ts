import { execFileSync } from 'node:child_process';
import { linkSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { needs } from '../helpers/needs.js';
import { directory, sluice } from './run.js';

needs('setfattr');

it('a file that is to be copied to itself is left alone', async () => {
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

it.each([
  ['new/', 'new/ does not exist'],
  ['source/', 'source/ is no directory'],
  ['new/copy', 'The folder of new/copy does not exist'],
])('%s is refused', async (to, reason) => {
  const cwd = directory();
  writeFileSync(join(cwd, 'source'), 'content');
  const { stdout, stderr, status } = await sluice(['copy', 'source', to], { cwd });
  expect({ stdout, status }).toEqual({ stdout: '', status: 1 });
  expect(stderr.split('. ')[0]).toBe(`sluice: ${reason}`);
});
