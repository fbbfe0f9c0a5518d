// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { linter } from './tree.js';

const lint = linter('lint-size.mjs');
const lines = (count: number) => 'x\n'.repeat(count);

/** A folder with that many files. */
function folderOf(count: number, folder: string, extension: string) {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [`${folder}/${i}${extension}`, '']));
}

describe('the lint of sizes', () => {
  it('finds nothing wrong with 20 units a folder and 300 lines a file', () => {
    const files = {
      ...folderOf(20, 'lib/a', '.ts'),
      ...folderOf(20, 'lib/a/b', '.ts'),
      'lib/c.ts': lines(300),
    };
    expect(lint(files)).toEqual({ status: 0, problems: [] });
  });

  it.each([
    ['lib/a', '.ts'],
    ['native', '.cc'],
    ['native/a/b', '.h'],
  ])('refuses 21 units in %s', (folder, extension) => {
    expect(lint(folderOf(21, folder, extension))).toEqual({
      status: 1,
      problems: [`${folder} has 21 units, and 20 are the most: give some a folder of their own`],
    });
  });

  it('counts a .cc with its .h as one unit, and a .h of its own as another', () => {
    const pairs = { ...folderOf(20, 'native/a', '.cc'), ...folderOf(20, 'native/a', '.h') };
    expect(lint(pairs)).toEqual({ status: 0, problems: [] });
    expect(lint({ ...pairs, 'native/a/other.h': '' }).status).toBe(1);
  });

  it('does not count what is in the folders of a folder', () => {
    const files = { ...folderOf(20, 'lib/a', '.ts'), 'lib/a/b/c.ts': '', 'lib/a/d/e.ts': '' };
    expect(lint(files)).toEqual({ status: 0, problems: [] });
  });

  it.each(['lib/a.ts', 'native/a.cc', 'bpf/a.bpf.h', 'bench/a.c', 'test/a/b.test.ts', 'scripts/a'])(
    'refuses a file of 301 lines, %s',
    (path) => {
      expect(lint({ [path]: lines(301) })).toEqual({
        status: 1,
        problems: [`${path} has 301 lines, and 300 are the most: give a part a file of its own`],
      });
    },
  );

  it('does not ask how long a snapshot is', () => {
    expect(lint({ 'test/a/__snapshots__/a.test.ts.snap': lines(1000) })).toEqual({ status: 0, problems: [] });
  });
});
