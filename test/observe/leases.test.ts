/** Files that another program has a lease on. */

import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../helpers/files.js';
import { needs } from '../helpers/needs.js';
import { start } from '../helpers/program.js';
import { adlerOf, keptAdler, Observed } from './observing.js';

needs('python3');

const base = temporaryFolder();

it('a file under a write lease keeps nobody waiting, its holder is asked for it, and it has its value when he is done', async () => {
  const root = join(base, 'tree');
  mkdirSync(root);
  const [outside, path, later] = [join(base, 'leased'), join(root, 'leased'), join(root, 'later')] as const;
  writeFileSync(outside, 'content');
  const holder = start(new URL('programs/leasing.py', import.meta.url), [outside]);
  expect(await holder.line()).toBe('leased');
  const observed = new Observed(root, { method: 'reread', profiles: ['storm'] });
  renameSync(outside, path);
  expect(await holder.line()).toBe('asked');
  // The lease is his still.
  writeFileSync(later, 'later');
  await observed.value(later);
  expect(await keptAdler(later)).toBe(adlerOf(later));
  expect(observed.events.filter((event) => 'file' in event && event.file === path)).toEqual([]);
  holder.stdin.write('\n');
  expect(await holder.rest()).toBe('given');
  await observed.value(path);
  expect(await keptAdler(path)).toBe(adlerOf(path));
});

it('a file that is changed under a write lease loses its value when that is given back, and not only when it is closed', async () => {
  const root = join(base, 'changed');
  mkdirSync(root);
  const path = join(root, 'leased');
  const observed = new Observed(root, { method: 'follow', profiles: ['storm'] });
  writeFileSync(path, 'content');
  await observed.value(path);
  const holder = start(new URL('programs/leasing.py', import.meta.url), [path, 'changed']);
  expect(await holder.line()).toBe('leased');
  expect(await holder.line()).toBe('asked');
  holder.stdin.write('\n');
  expect(await holder.line()).toBe('given');
  await observed.first(({ type }) => type === 'retracted');
  expect(await keptAdler(path)).toBeUndefined();
  const before = observed.events.length;
  holder.stdin.write('\n');
  await observed.value(path, before);
  expect(await keptAdler(path)).toBe(adlerOf(path));
});
