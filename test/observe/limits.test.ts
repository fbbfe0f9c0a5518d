/** What is said where the kernel has no more of what an observation takes. */

import { expect, it } from 'vitest';
import { startFailure } from '../../lib/observe/refusal.js';
import { temporaryFolder } from '../helpers/files.js';

const base = temporaryFolder();

it.each([
  ['fanotify_init', 24, 'fs.fanotify.max_user_groups'],
  ['fanotify_init', 12, 'fs.fanotify.max_user_groups'],
  ['fanotify_mark', 28, 'fs.fanotify.max_user_marks'],
  ['fanotify_mark', 12, 'fs.fanotify.max_user_marks'],
  ['eventfd', 24, 'ulimit -n'],
  ['eventfd', 23, 'ulimit -n'],
])('%s that fails with error %i is a limit, and what to raise is told', (call, errno, remedy) => {
  const failure = 'systemCall' as const;
  const error = startFailure({ failure, errno, call, subject: 'file', detail: '', root: base });
  expect(error).toMatchObject({ code: 'ERR_SLUICE_LIMIT', path: base, errno });
  expect(error.remedy).toContain(remedy);
});
