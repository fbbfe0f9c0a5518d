/** How a process ends while it waits for a ring buffer, and what keeps it alive. */

import { expect, it } from 'vitest';
import { ended } from './child.js';

const ok = { status: 0, signal: null, errors: '' };

it('process.exit() ends a process that waits', () => {
  expect(ended('ending', 'exitsWhileItWaits')).toMatchObject(ok);
});

it('process.exit() ends a process in the moment in which a record arrives', () => {
  expect(ended('ending', 'exitsAsARecordArrives')).toMatchObject(ok);
});

it('a process stays alive while something waits, and no longer', () => {
  expect(ended('ending', 'waits')).toMatchObject({ ...ok, output: '5n' });
});

it('a process that leaves everything open ends by itself', () => {
  expect(ended('ending', 'leavesAllOpen')).toMatchObject(ok);
});

it('an error that nobody catches ends a process that waits', () => {
  const { errors, ...rest } = ended('ending', 'throwsWhileItWaits');
  expect(rest).toMatchObject({ status: 1, signal: null });
  expect(errors).toContain('on purpose');
});
