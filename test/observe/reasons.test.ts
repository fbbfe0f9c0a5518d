import { mkdtempSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { RereadReason, SwitchReason } from '../../lib/observe/index.js';
import { temporaryFolder } from '../helpers/files.js';
import { Observed } from './observing.js';

/** Every one, or the compiler says which is missing. */
const rereads: Record<RereadReason, 0> = {
  mapped: 0,
  direct: 0,
  truncated: 0,
  fallocated: 0,
  short: 0,
  unreadable: 0,
  lost: 0,
  stream: 0,
  busy: 0,
  missed: 0,
  adopted: 0,
  cloned: 0,
  gaps: 0,
  unseen: 0,
  unfollowed: 0,
  small: 0,
  unattached: 0,
};
const switched: Record<SwitchReason, 0> = { behind: 0, leased: 0 };

it('reasons are the same in the kernel, in the library and in docs/observe.md', () => {
  const { stats } = new Observed(mkdtempSync(`${temporaryFolder()}/tree-`)).observation;
  expect(stats.rereads).toEqual(rereads);
  expect(stats.switched).toEqual(switched);
  const page = readFileSync('docs/observe.md', 'utf8');
  const [, table = ''] = page.split('| `origin` | `reason` | |\n');
  const rows = (table.split('\n\n')[0] ?? '').matchAll(/^\| .*\| `(\w+)` \|/gm);
  expect(Array.from(rows, ([, reason]) => reason)).toEqual([
    ...Object.keys(rereads),
    ...Object.keys(switched),
  ]);
});
