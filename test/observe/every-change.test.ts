/** Every way to change a file that test/observe/programs/ knows, and many of them at random: attributes end up right. */

import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../helpers/files.js';
import { seeds } from '../helpers/rounds.js';
import { change, changeAtRandom, changes } from './changes.js';
import { adlerOf, keptAdler, Observed } from './observing.js';

const base = temporaryFolder();

const methods = ['auto', 'hook', 'follow', 'reread'] as const;

describe.each(methods)('with the method %s,', (method) => {
  it('each change of a file ends with the attribute of what it has then', async () => {
    const root = join(base, method);
    mkdirSync(root);
    const observed = new Observed(root, { method, profiles: ['storm'] });
    for (const each of changes) {
      const path = join(root, each.name);
      await change(each, path);
      if (existsSync(path))
        await expect
          .poll(async () => (await keptAdler(path)) === adlerOf(path), { message: each.name })
          .toBe(true);
    }
    expect(observed.events.filter(({ type }) => type === 'unknown')).toEqual([]);
  });

  it('files that several processes change at random end with the attributes of what they have then', async () => {
    const root = join(base, `${method}-random`);
    mkdirSync(root);
    const observed = new Observed(root, { method, profiles: ['storm'] });
    for (const seed of seeds(5, 1 / methods.length)) {
      const paths = Array.from({ length: 8 }, (_, i) => join(root, `file-${i}`));
      await Promise.all(
        paths.map((path, i) =>
          changeAtRandom(
            path,
            Array.from({ length: 30 }, (_, k) => seed + 100 * i + k),
          ),
        ),
      );
      for (const path of paths)
        await expect.poll(() => keptAdler(path), { message: `seed ${seed}, ${path}` }).toBe(adlerOf(path));
      await observed.settled((path) => writeFileSync(path, ''), join(root, `last-${seed}`));
      // Without programs a close that was told late has it taken away once more, and summed again.
      const since = method === 'reread' ? [undefined] : [];
      for (const path of paths)
        expect([...since, adlerOf(path)], `seed ${seed}, ${path}`).toContain(await keptAdler(path));
    }
  });
});
